import Sequencer from '@jest/test-sequencer';

/** Runs the files in the order in which they are named: the likeliest to notice a break comes first. */
export default class ListedOrder extends Sequencer {
  sort(tests) {
    const files = JSON.parse(process.env['MUTATION_TESTS']);
    const place = ({ path }) => files.findIndex((file) => path.endsWith(file));
    return [...tests].sort((left, right) => place(left) - place(right));
  }
}

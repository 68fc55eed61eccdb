/** Where a source of the timeline goes on: below a place, or nowhere any more; undefined for its beginning. */
export type Position<Place> = Place | 'end' | undefined;

/** What was read of one source, the newest first. */
export interface SourcePage<Item, Place> {
  readonly items: readonly Item[];
  /** Where it was read from. */
  readonly from: Position<Place>;
  /** Behind what was read. */
  readonly next: Position<Place>;
  placeOf(item: Item): Place;
  timeOf(item: Item): string;
  /** The time of a place: what is not read yet is not later. */
  timeAt(place: Place): string;
}

export interface Timeline<Left, Right, LeftPlace, RightPlace> {
  readonly entries: readonly (Left | Right)[];
  readonly left: Position<LeftPlace>;
  readonly right: Position<RightPlace>;
}

/**
 * Joins two sources into one list by time, the newest first. What one of them may still have is not overtaken: the list ends
 * where a source was read to, and goes on with what is below.
 */
export function joinByTime<Left, Right, LeftPlace, RightPlace>(
  left: SourcePage<Left, LeftPlace>,
  right: SourcePage<Right, RightPlace>,
  limit: number,
): Timeline<Left, Right, LeftPlace, RightPlace> {
  const floors = [floorOf(left), floorOf(right)].filter((time) => time !== undefined);
  const floor = floors.sort().at(-1) ?? '';
  const entries: (Left | Right)[] = [];
  let [ofLeft, ofRight] = [0, 0];
  while (entries.length < limit) {
    const [one, other] = [left.items[ofLeft], right.items[ofRight]];
    const isLeft = one !== undefined && (other === undefined || left.timeOf(one) >= right.timeOf(other));
    const time = isLeft ? left.timeOf(one) : other === undefined ? undefined : right.timeOf(other);
    if (time === undefined || time < floor) break;
    if (isLeft) {
      entries.push(one);
      ofLeft += 1;
    } else {
      entries.push(other as Right);
      ofRight += 1;
    }
  }
  return { entries, left: positionAfter(left, ofLeft), right: positionAfter(right, ofRight) };
}

/** The time down to which a source was read; undefined if it was read to its end. */
function floorOf<Item, Place>({ next, timeAt }: SourcePage<Item, Place>): string | undefined {
  return next === 'end' || next === undefined ? undefined : timeAt(next as Place);
}

function positionAfter<Item, Place>(page: SourcePage<Item, Place>, taken: number): Position<Place> {
  if (taken === page.items.length) return page.next;
  const last = page.items[taken - 1];
  return last === undefined ? page.from : page.placeOf(last);
}

import { Modal, Switch } from '@mantine/core';
import { useState } from 'react';
import styles from './keys-overlay.module.css';
import { readPreferences, writePreferences } from './preferences.ts';

const KEYS: readonly (readonly [heading: string, readonly (readonly [keys: string, does: string])[]])[] = [
  [
    'Everywhere',
    [
      ['Ctrl K', 'Search or run a command'],
      ['?', 'Show all keys'],
      ['Z', 'Undo what the newest message offers'],
      ['G H', 'Go to Home'],
      ['G U', 'Go to Users'],
      ['G G', 'Go to Groups'],
      ['G A', 'Go to Alerts'],
      ['G R', 'Go to Access reviews'],
    ],
  ],
  [
    'Lists',
    [
      ['/', 'Search'],
      ['J K', 'Next, previous'],
      ['X', 'Select; Shift X selects the range'],
      ['Enter', 'Open'],
      ['Esc', 'Close the panel, clear the selection'],
      ['I', 'Invite people'],
      ['E', 'Change the role'],
      ['W', 'Why can’t they …?'],
    ],
  ],
  [
    'Access reviews',
    [
      ['J', 'Next; Shift J goes back'],
      ['↑ ↓', 'Previous, next'],
      ['K', 'Keep'],
      ['C', 'Change the role'],
      ['D', 'Deactivate'],
      ['N', 'Add a note'],
    ],
  ],
  [
    'Alerts',
    [
      ['J K', 'Next, previous'],
      ['A', 'Acknowledge'],
      ['S', 'Not suspicious'],
      ['D', 'Deactivate'],
    ],
  ],
  [
    'Dialogs',
    [
      ['Ctrl Enter', 'Confirm'],
      ['Esc', 'Cancel'],
    ],
  ],
];

/** All keys, and the switches of what this browser does on its own. */
export function KeysOverlay({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const [preferences, setPreferences] = useState(readPreferences);
  const change = (changed: Parameters<typeof writePreferences>[0]) => {
    writePreferences(changed);
    setPreferences(readPreferences());
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size={720}>
      <div className={styles.body}>
        <div className={styles.columns}>
          {KEYS.map(([heading, rows]) => (
            <section key={heading}>
              <h3>{heading}</h3>
              <dl className={styles.keys}>
                {rows.map(([keys, does]) => (
                  <div key={keys}>
                    <dt>
                      {keys.split(' ').map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <div className={styles.switches}>
          <Switch
            label="Single keys act on lists"
            checked={preferences.keys}
            onChange={(event) => change({ keys: event.currentTarget.checked })}
          />
          <Switch
            label="Motion"
            checked={preferences.motion}
            onChange={(event) => change({ motion: event.currentTarget.checked })}
          />
        </div>
      </div>
    </Modal>
  );
}

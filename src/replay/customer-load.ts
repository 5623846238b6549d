// How many sessions of others are at work on the restored primary: those that are running, less our own and the replicas'
// dump threads. Our own are counted as we send them, for a server tells nobody's sessions apart without PROCESS.
import type { RawConnection, Server } from '../server/connection.ts';

/** The part of the driver's own connection, below its promises, that is needed here. */
interface Driver {
  addCommand(command: { once(event: 'end', listener: () => void): unknown }): unknown;
}

/** The weight of a new look: some five of them make the picture. */
const WEIGHT = 0.3;

export class CustomerLoad {
  readonly #restored: Server;
  /** Sessions of ours that the server has not answered yet. */
  #ours = 0;
  readonly #standing: number;
  #customers: number | null = null;

  /** `standing`: sessions that count as running for as long as they are there, such as the event scheduler. */
  constructor(restored: Server, standing: number) {
    this.#restored = restored;
    this.#standing = standing;
  }

  /** From now on this connection's statements are known as ours, whichever of the driver's faces they go by. */
  count(connection: RawConnection): void {
    const { connection: driver } = connection as unknown as { connection: Driver };
    const add = driver.addCommand.bind(driver);
    // Statements behind each other on one connection are one running session.
    let waiting = 0;
    driver.addCommand = (command) => {
      if (waiting++ === 0) this.#ours += 1;
      command.once('end', () => {
        if (--waiting === 0) this.#ours -= 1;
      });
      return add(command);
    };
  }

  /** `replicas`: their dump threads count as running for as long as they are connected. MariaDB tells how many. */
  async measure(replicas: number): Promise<number> {
    const before = this.#ours;
    const rows = await this.#restored.query(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_running', 'Slaves_connected')",
    );
    const ours = (before + this.#ours) / 2;
    const value = (name: string, otherwise: number): number =>
      Number(rows.find((row) => row.Variable_name === name)?.Value ?? otherwise);
    const standing = 1 + value('Slaves_connected', replicas) + this.#standing;
    const now = Math.max(0, value('Threads_running', 1) - standing - ours);
    this.#customers = this.#customers === null ? now : WEIGHT * now + (1 - WEIGHT) * this.#customers;
    return this.#customers;
  }
}

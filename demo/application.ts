// The application that writes to the shop: it sends transactions, and journals in memory each one that a server
// acknowledged, and each one whose answer never came. The demo's proof trusts nothing but this journal.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxServer } from '../test/sandbox/index.ts';
import { ShopState, type Transaction, transactionSql } from './shop.ts';

/** Gives the next transaction to send, by what the shop holds now. */
export type Workload = (shop: ShopState) => Transaction;

export class Application {
  readonly server: SandboxServer;
  /** As the server has told us. */
  readonly shop: ShopState;
  readonly acknowledged: Transaction[] = [];
  /** Sent, and no answer: committed or not, only the server's log knows. */
  readonly inDoubt: Transaction[] = [];
  #pauseMs = 0;
  #stopping = false;
  #workers: Promise<void>[] = [];

  constructor(server: SandboxServer, shop: ShopState) {
    this.server = server;
    this.shop = new ShopState(shop);
  }

  /** Throws where the server refuses it. */
  async send(transaction: Transaction): Promise<void> {
    await this.server.query(transactionSql(transaction));
    this.#note(transaction);
  }

  /** Each workload in a session of its own, until `stop()` or the server's end. The workloads share no rows. */
  start(workloads: readonly Workload[], pauseMs: number): void {
    this.#pauseMs = pauseMs;
    this.#workers = workloads.map((next) => this.#work(next));
  }

  /** From now on one transaction follows the other. */
  hurry(): void {
    this.#pauseMs = 0;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#workers);
  }

  async #work(next: Workload): Promise<void> {
    while (!this.#stopping) {
      const transaction = next(this.shop);
      try {
        await this.server.query(transactionSql(transaction));
      } catch {
        this.inDoubt.push(transaction);
        return;
      }
      this.#note(transaction);
      await sleep(this.#pauseMs);
    }
  }

  #note(transaction: Transaction): void {
    this.acknowledged.push(transaction);
    this.shop.apply(transaction);
  }
}

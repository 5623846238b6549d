// Customers beside a replay: so many connections that each run one write transaction after the other, as sysbench's
// oltp_write_only does (two updates, a delete, an insert). A process of its own; prints the commits of every 100 ms as a
// line `TIME COMMITS`, until it is ended. Knows nothing of replays.
import mysql from 'mysql2/promise';

const [host, port, user, connections, rows] = process.argv.slice(2);
const BUCKET_MS = 100;

let commits = 0;
const lines = setInterval(() => {
  process.stdout.write(`${Date.now()} ${commits}\n`);
  commits = 0;
}, BUCKET_MS);
process.on('SIGTERM', () => {
  clearInterval(lines);
  process.exit(0);
});

await Promise.all(Array.from({ length: Number(connections) }, customer));

async function customer(): Promise<void> {
  const connection = await mysql.createConnection({
    host: host!,
    port: Number(port),
    user: user!,
    password: process.env.LIVE_PASSWORD ?? '',
    multipleStatements: true,
  });
  for (;;) {
    const id = (): number => 1 + Math.floor(Math.random() * Number(rows));
    const [one, two, three] = [id(), id(), id()];
    try {
      await connection.query(`START TRANSACTION; UPDATE bench.customer SET k = k + 1 WHERE id = ${one};
        UPDATE bench.customer SET c = '${'c'.repeat(60)}${two}' WHERE id = ${two};
        DELETE FROM bench.customer WHERE id = ${three};
        INSERT INTO bench.customer VALUES (${three}, ${one}, 'new', 'pad'); COMMIT`);
      commits += 1;
    } catch (error) {
      // Two customers met in one row: their own deadlock, as sysbench has them too.
      if ((error as { errno?: number }).errno !== 1213) throw error;
    }
  }
}

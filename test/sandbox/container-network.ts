// Owns the network on which the containers of this process reach each other by name.
import { Network, type StartedNetwork } from 'testcontainers';

let network: Promise<StartedNetwork> | undefined;
let members = 0;

export function networkOfThisProcess(): Promise<StartedNetwork> {
  members++;
  network ??= new Network().start();
  return network;
}

/** To be called once for each container that has asked for the network, when it's gone. */
export async function leaveNetwork(): Promise<void> {
  if (--members > 0 || !network) return;
  const last = network;
  network = undefined;
  await (await last).stop();
}

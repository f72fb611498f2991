/**
 * How this worker's commands are typed here. From a clone that is npm's; a copy from `/join` is in a folder that nobody is
 * in, without its pool's address, so there it is the command that it was joined with, which the script says.
 */
export function ownCommand(words: string): string {
  return `${process.env.STARAI_COMMAND || "npm run worker --"} ${words}`;
}

// The decoder's child process: a film on standard input, a JPEG of its first picture on standard output. A crash of a
// codec ends this process and nothing else.
import { firstPicture } from "./node-av-picture.ts";

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece as Buffer);
try {
  const jpeg = await firstPicture(Buffer.concat(pieces));
  process.stdout.write(jpeg, () => {
    process.exit(0);
  });
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : "the decoder failed", () => {
    process.exit(1);
  });
}

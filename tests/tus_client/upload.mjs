// node upload.mjs ENDPOINT TOKEN FILE SHA256 STORAGE CHUNK: uploads a file with the official tus client, going on
// with an upload that STORAGE remembers. Prints `from N` when it starts or goes on, and `at N` for each chunk that
// was acknowledged.
import { readFileSync } from "node:fs";
import { FileUrlStorage, Upload } from "tus-js-client";

const [endpoint, token, file, sha256, storage, chunk] = process.argv.slice(2);
const bytes = readFileSync(file);
const upload = new Upload(bytes, {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { sha256, filename: "现场.jpg", filetype: "image/jpeg" },
  chunkSize: Number(chunk),
  retryDelays: [0, 200, 1000, 3000],
  urlStorage: new FileUrlStorage(storage),
  fingerprint: async () => sha256,
  onChunkComplete: (_size, at) => console.log(`at ${at}`),
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess: () => console.log(`done ${upload.url}`),
});
const [before] = await upload.findPreviousUploads();
if (before) upload.resumeFromPreviousUpload(before);
console.log(before ? `again ${before.uploadUrl}` : "new");
upload.start();

// Uploads a file with the real tus-js-client, breaks off on the way, and resumes. Prints what happened as JSON.
import { createReadStream, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { Transform } from 'node:stream'

const [web, endpoint, path, store, session, chunk] = process.argv.slice(2)
const require = createRequire(`${web}/package.json`)
const tus = require('tus-js-client')

const size = statSync(path).size
const token = 't'.repeat(32)
const told = { clips: [], offsets: [], statuses: [] }

// A line of about 10 MB/s, or the upload would be over before anybody could break it off.
const server = new URL(endpoint)
const port = Number(server.port)
const line = createServer((near) => {
  const far = connect(port, server.hostname)
  const slow = new Transform({
    transform: (bytes, _, passed) => setTimeout(() => passed(null, bytes), bytes.length / 10_000),
  })
  near.pipe(slow).pipe(far).pipe(near)
  for (const end of [near, far]) end.on('error', () => near.destroy() && far.destroy())
  near.on('close', () => far.destroy())
})
await new Promise((ready) => line.listen(0, '127.0.0.1', ready))
server.port = line.address().port

function upload(breakOffAt) {
  return new Promise((resolve, reject) => {
    let highest = 0
    const job = new tus.Upload(createReadStream(path), {
      endpoint: server.href,
      uploadSize: size,
      chunkSize: Number(chunk) || Infinity,
      urlStorage: new tus.FileUrlStorage(store),
      fingerprint: () => Promise.resolve('the-file'),
      metadata: { filename: 'fy fideo.mp4', filetype: 'video/mp4' },
      headers: { Cookie: `sessionid=${session}; csrftoken=${token}`, 'X-CSRFToken': token },
      retryDelays: [50, 200, 500, 1000],
      onAfterResponse: (request, response) => {
        told.statuses.push(`${request.getMethod()} ${response.getStatus()}`)
        const clip = response.getHeader('Hustings-Clip')
        if (clip && !told.clips.includes(clip)) told.clips.push(clip)
        if (request.getMethod() === 'HEAD') told.offsets.push(Number(response.getHeader('Upload-Offset')))
      },
      onProgress: (sent) => {
        highest = Math.max(highest, sent)
        if (breakOffAt && sent >= breakOffAt && sent < size) {
          breakOffAt = 0
          job.abort().then(() => setTimeout(() => resolve({ brokenOffAt: highest }), 100), reject)
        }
      },
      onSuccess: () => resolve({ done: true, url: job.url }),
      onError: reject,
    })
    job.findPreviousUploads().then((previous) => {
      if (previous.length) job.resumeFromPreviousUpload(previous[0])
      job.start()
    }, reject)
  })
}

told.first = await upload(size * 0.4)
told.second = await upload(0)
line.close()
console.log(JSON.stringify(told))
process.exit(0) // connections that are kept alive would keep the process so

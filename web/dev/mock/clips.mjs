// Makes the stand-in server's clips: coloured, moving, numbered by a tone. Once, into the system's temporary folder.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const FOLDER = join(tmpdir(), 'webclips')
export const DURATIONS = [8, 6, 9, 7, 12, 8, 6, 10, 7, 9, 8, 11]

/** FFmpeg from FFMPEG, from PATH, or the one that the Python environment brings. */
function ffmpeg() {
  if (process.env.FFMPEG) return process.env.FFMPEG
  const python = new URL('../../../.venv/bin/python', import.meta.url).pathname
  if (!existsSync(python)) return 'ffmpeg'
  return execFileSync(python, ['-c', 'import imageio_ffmpeg as f; print(f.get_ffmpeg_exe())']).toString().trim()
}

export function makeClips() {
  mkdirSync(FOLDER, { recursive: true })
  DURATIONS.forEach((duration, index) => {
    if (existsSync(join(FOLDER, `${index}-540.mp4`))) return
    const run = (...args) => execFileSync(ffmpeg(), ['-v', 'error', '-y', ...args], { cwd: FOLDER })
    const picture = `gradients=s=540x960:d=${duration}:r=30:n=4:seed=${index + 3}:speed=0.03`
    const sound = `sine=frequency=${220 + 40 * index}:duration=${duration}`
    const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '27', '-c:a', 'aac', '-movflags', '+faststart']
    run('-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, '-pix_fmt', 'yuv420p', ...video, `${index}-540.mp4`)
    run('-i', `${index}-540.mp4`, '-vf', 'scale=360:640', ...video, `${index}-360.mp4`)
    run('-i', `${index}-540.mp4`, '-frames:v', '1', `${index}.webp`)
    run('-i', `${index}-360.mp4`, '-vf', 'fps=2,scale=90:160,tile=5x5', '-frames:v', '1', `${index}-sb.webp`)
    console.log(`Made clip ${index + 1} of ${DURATIONS.length}`)
  })
}

import { hueOf } from '../ui/identity'

/** A drawn person who sways a little, or a drawn document, as a real MediaStreamTrack. */
export function drawnTrack(seed: string, kind: 'person' | 'screen'): MediaStreamTrack {
  const canvas = document.createElement('canvas')
  canvas.width = kind === 'screen' ? 1280 : 640
  canvas.height = kind === 'screen' ? 720 : 360
  const context = canvas.getContext('2d')!
  const hue = (hueOf(seed) + 40) % 360
  const draw = kind === 'screen' ? drawScreen : drawPerson
  const phase = hue / 40
  draw(context, hue, phase)
  const timer = setInterval(() => draw(context, hue, phase + performance.now() / 900), 1000 / 8)
  const [track] = canvas.captureStream(8).getVideoTracks()
  track!.addEventListener('ended', () => clearInterval(timer))
  return track!
}

function drawPerson(context: CanvasRenderingContext2D, hue: number, time: number): void {
  const { width, height } = context.canvas
  context.fillStyle = `oklch(0.72 0.05 ${hue})`
  context.fillRect(0, 0, width, height)
  context.fillStyle = `oklch(0.64 0.06 ${hue})`
  context.fillRect(width * 0.06, height * 0.1, width * 0.2, height * 0.5)
  context.fillStyle = `oklch(0.8 0.05 ${hue + 60})`
  context.fillRect(width * 0.76, height * 0.16, width * 0.16, height * 0.3)
  const x = width / 2 + Math.sin(time) * 10
  const y = height * 0.44 + Math.cos(time * 1.3) * 4
  context.fillStyle = `oklch(0.42 0.1 ${hue + 150})`
  context.beginPath()
  context.ellipse(x, height * 1.06, width * 0.25, height * 0.44, 0, 0, 7)
  context.fill()
  const skin = 0.5 + ((hue * 7) % 35) / 100
  context.fillStyle = `oklch(${skin} 0.07 55)`
  context.fillRect(x - 26, y + 50, 52, 60)
  context.beginPath()
  context.ellipse(x, y, 64, 80, 0, 0, 7)
  context.fill()
  context.fillStyle = `oklch(0.3 0.05 ${hue})`
  context.beginPath()
  context.ellipse(x, y - 44, 70, 50, 0, Math.PI, 0)
  context.fill()
  context.fillStyle = '#1b1b1b'
  for (const side of [-1, 1]) {
    context.beginPath()
    context.arc(x + side * 24, y - 4, 5, 0, 7)
    context.fill()
  }
  context.lineWidth = 5
  context.beginPath()
  context.arc(x, y + 22, 18, 0.3, Math.PI - 0.3)
  context.stroke()
}

function drawScreen(context: CanvasRenderingContext2D, hue: number, time: number): void {
  const { width, height } = context.canvas
  context.fillStyle = '#fdfdfb'
  context.fillRect(0, 0, width, height)
  context.fillStyle = '#22303a'
  context.font = '600 44px sans-serif'
  context.fillText('Quarterly numbers', 80, 110)
  context.font = '26px sans-serif'
  for (const [index, line] of ['Rooms opened', 'People who came back', 'Minutes together'].entries()) {
    context.fillStyle = '#52616b'
    context.fillText(line, 80, 190 + index * 56)
    context.fillStyle = `oklch(0.6 0.1 ${hue})`
    context.fillRect(420, 168 + index * 56, 240 + index * 150 + Math.sin(time + index) * 20, 28)
  }
  for (let bar = 0; bar < 12; bar++) {
    const size = 80 + 60 * Math.sin(bar / 2 + time / 3) + bar * 8
    context.fillStyle = `oklch(0.68 0.1 ${hue + bar * 6})`
    context.fillRect(80 + bar * 92, height - 60 - size, 60, size)
  }
}

const FRAMES_PER_SECOND = 10;

/** What a drawn camera shows. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Hue of the room, in degrees. */
  readonly hue: number;
  readonly kind: 'person' | 'screen';
}

function drawPerson(context: CanvasRenderingContext2D, { width, height, hue }: Scene): void {
  const sky = context.createLinearGradient(0, 0, width, height);
  sky.addColorStop(0, `hsl(${hue} 32% 62%)`);
  sky.addColorStop(1, `hsl(${hue + 30} 30% 26%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  const unit = Math.min(width, height * 1.2);
  context.fillStyle = `hsl(${hue + 200} 30% 34%)`;
  context.beginPath();
  context.ellipse(width / 2, height, unit * 0.34, unit * 0.38, 0, 0, 7);
  context.fill();
  context.fillStyle = '#e3b899';
  context.beginPath();
  context.ellipse(width / 2, height * 0.42, unit * 0.14, unit * 0.18, 0, 0, 7);
  context.fill();
  context.fillStyle = '#33261f';
  context.beginPath();
  context.ellipse(width / 2, height * 0.42 - unit * 0.08, unit * 0.15, unit * 0.12, 0, 3.1, 6.3);
  context.fill();
}

function drawScreen(context: CanvasRenderingContext2D, { width, height }: Scene): void {
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#1e9fff';
  context.fillRect(0, 0, width, 44);
  context.fillStyle = '#3c4450';
  context.font = '26px sans-serif';
  for (let row = 0; row < 9; row++) {
    context.fillRect(40, 90 + row * 52, 180 + ((row * 97) % 520), 18);
  }
}

const streams = new Map<string, MediaStream>();

/** A camera made of a canvas, so that the gallery looks the same everywhere; one for each scene. */
export function drawnStream(scene: Scene): MediaStream {
  const key = JSON.stringify(scene);
  const stream = streams.get(key) ?? startCamera(scene);
  streams.set(key, stream);
  return stream;
}

function startCamera(scene: Scene): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = scene.width;
  canvas.height = scene.height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser draws no canvas.');
  const draw = () => (scene.kind === 'person' ? drawPerson : drawScreen)(context, scene);
  draw();
  setInterval(draw, 1000 / FRAMES_PER_SECOND);
  return canvas.captureStream(FRAMES_PER_SECOND);
}

/** Makes a picture small enough to be sent in one message. */
import { IMAGE_MAX_LENGTH } from '../protocol/messages.ts';

/** Longer side to begin with, in pixels; halved until the picture fits. */
const SIDE_FIRST_PX = 1280;
const SIDE_MIN_PX = 80;
const QUALITIES = [0.82, 0.6, 0.4];

/** The file is no picture that this browser can read. */
class NotAPictureError extends Error {
  readonly code = 'not-a-picture';
}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch (cause) {
    throw new NotAPictureError('This file is not a picture.', { cause });
  }
}

/**
 * @returns a JPEG data URL of at most `IMAGE_MAX_LENGTH` characters
 * @throws {NotAPictureError}
 */
export async function shrinkPicture(file: Blob): Promise<string> {
  const picture = await decode(file);
  try {
    for (let side = SIDE_FIRST_PX; side >= SIDE_MIN_PX; side /= 2) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      const canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      const context = canvas.getContext('2d');
      if (context === null) break;
      // JPEG has no transparency: without this it would turn black.
      context.fillStyle = '#fff';
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
      for (const quality of QUALITIES) {
        const url = canvas.toDataURL('image/jpeg', quality);
        if (url.length <= IMAGE_MAX_LENGTH) return url;
      }
    }
    throw new NotAPictureError('This picture cannot be made small enough.');
  } finally {
    picture.close();
  }
}

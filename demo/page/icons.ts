/** The icons in use, from lucide (ISC), as inline SVG. */
import back from 'lucide-static/icons/chevron-left.svg?raw';
import check from 'lucide-static/icons/check.svg?raw';
import close from 'lucide-static/icons/x.svg?raw';
import copy from 'lucide-static/icons/copy.svg?raw';
import down from 'lucide-static/icons/chevron-down.svg?raw';
import face from 'lucide-static/icons/smile.svg?raw';
import image from 'lucide-static/icons/image.svg?raw';
import message from 'lucide-static/icons/message-circle.svg?raw';
import moon from 'lucide-static/icons/moon.svg?raw';
import newWindow from 'lucide-static/icons/external-link.svg?raw';
import phone from 'lucide-static/icons/phone.svg?raw';
import send from 'lucide-static/icons/send-horizontal.svg?raw';
import sun from 'lucide-static/icons/sun.svg?raw';
import video from 'lucide-static/icons/video.svg?raw';

export const ICONS = {
  back,
  check,
  close,
  copy,
  down,
  face,
  image,
  message,
  moon,
  newWindow,
  phone,
  send,
  sun,
  video,
};
export type IconName = keyof typeof ICONS;

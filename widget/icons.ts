import bell from 'lucide-static/icons/bell-ring.svg?raw';
import cameraOff from 'lucide-static/icons/camera-off.svg?raw';
import chevron from 'lucide-static/icons/chevron-right.svg?raw';
import close from 'lucide-static/icons/x.svg?raw';
import cloudOff from 'lucide-static/icons/cloud-off.svg?raw';
import key from 'lucide-static/icons/key-round.svg?raw';
import lock from 'lucide-static/icons/lock-open.svg?raw';
import maximize from 'lucide-static/icons/maximize-2.svg?raw';
import microphone from 'lucide-static/icons/mic.svg?raw';
import microphoneOff from 'lucide-static/icons/mic-off.svg?raw';
import minimize from 'lucide-static/icons/minus.svg?raw';
import phone from 'lucide-static/icons/phone.svg?raw';
import pictureInPicture from 'lucide-static/icons/picture-in-picture-2.svg?raw';
import retry from 'lucide-static/icons/rotate-cw.svg?raw';
import screen from 'lucide-static/icons/screen-share.svg?raw';
import screenOff from 'lucide-static/icons/screen-share-off.svg?raw';
import shield from 'lucide-static/icons/shield-alert.svg?raw';
import shrink from 'lucide-static/icons/minimize-2.svg?raw';
import sound from 'lucide-static/icons/volume-2.svg?raw';
import trouble from 'lucide-static/icons/triangle-alert.svg?raw';
import userMinus from 'lucide-static/icons/user-minus.svg?raw';
import users from 'lucide-static/icons/users.svg?raw';
import video from 'lucide-static/icons/video.svg?raw';
import videoOff from 'lucide-static/icons/video-off.svg?raw';
import wifiOff from 'lucide-static/icons/wifi-off.svg?raw';

/** The drawings of Lucide (ISC licence) that the interface uses, inlined by the build. */
export const icons = {
  bell,
  cameraOff,
  chevron,
  close,
  cloudOff,
  key,
  lock,
  maximize,
  microphone,
  microphoneOff,
  minimize,
  phone,
  pictureInPicture,
  retry,
  screen,
  screenOff,
  shield,
  shrink,
  sound,
  trouble,
  userMinus,
  users,
  video,
  videoOff,
  wifiOff,
} as const;

export type IconName = keyof typeof icons;

/** Faces, written in a text as LayIM writes them: `face[微笑]`. */

export const FACES: Readonly<Record<string, string>> = {
  微笑: '🙂',
  嘻嘻: '😁',
  哈哈: '😄',
  笑cry: '😂',
  可爱: '🥰',
  亲亲: '😘',
  爱你: '😍',
  酷: '😎',
  思考: '🤔',
  偷笑: '🤭',
  挤眼: '😉',
  害羞: '😊',
  吃惊: '😮',
  汗: '😅',
  困: '😴',
  可怜: '🥺',
  泪: '😢',
  怒: '😠',
  晕: '😵',
  鄙视: '🙄',
  good: '👍',
  弱: '👎',
  ok: '👌',
  握手: '🤝',
  鼓掌: '👏',
  拜托: '🙏',
  威武: '💪',
  心: '❤️',
  伤心: '💔',
  鲜花: '🌹',
  礼物: '🎁',
  蛋糕: '🎂',
};

/** @returns the text with its faces drawn; what is no known face stays as it is */
export function drawFaces(text: string): string {
  return text.replace(/face\[([^\]\s]+)\]/g, (written, name: string) => FACES[name] ?? written);
}

import type { CallTarget } from './chat.ts';
import type { Layim, LayimChat } from './layim-page.ts';

/**
 * Whom a toolbar button is for: the chat it is drawn in (`data-json`), else the chat that is open.
 *
 * @param button the pressed toolbar button
 */
export function targetOf(button: Element, layim: Layim): CallTarget | undefined {
  const chat = chatOf(button) ?? layim.thisChat?.()?.data;
  if (chat?.id === undefined || chat.id === '') return undefined;
  const name = chat.name || chat.username || chat.groupname;
  return {
    // A group's id can equal a user's id: only the type tells them apart.
    type: chat.type === 'group' || chat.type === 'kefu' ? chat.type : 'friend',
    id: chat.id,
    ...(name && { name }),
    ...(chat.avatar && { avatar: chat.avatar }),
  };
}

function chatOf(button: Element): LayimChat | undefined {
  const json = button.closest('[data-json]')?.getAttribute('data-json');
  if (!json) return undefined;
  try {
    const chat: unknown = JSON.parse(decodeURIComponent(json));
    return typeof chat === 'object' && chat !== null ? chat : undefined;
  } catch {
    return undefined;
  }
}

import { inject, provide } from 'vue';
import type { InjectionKey } from 'vue';
import { en } from './en.ts';
import type { Messages } from './messages.ts';
import { zhCN } from './zh-CN.ts';

export type { Messages } from './messages.ts';

const messagesKey: InjectionKey<Messages> = Symbol('messages');

/**
 * The texts for a locale.
 *
 * @param locale a BCP 47 tag; languages that are not here get the default, zh-CN
 */
export function messagesFor(locale: string): Messages {
  return /^en\b/i.test(locale) ? en : zhCN;
}

/** Gives every component below the texts of a locale. */
export function provideMessages(locale: string): Messages {
  const messages = messagesFor(locale);
  provide(messagesKey, messages);
  return messages;
}

/** The texts in the language of the app. */
export function useMessages(): Messages {
  return inject(messagesKey, zhCN);
}

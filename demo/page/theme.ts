/** Light or dark: as the system has it, until the user chooses. */
import { ref, watchEffect } from 'vue';
import { usePreferredDark } from '@vueuse/core';

const STORED = 'demo-theme';

export type Theme = 'light' | 'dark';

/** @returns the theme and a switch; the theme is written to `<html data-theme>` */
export function useTheme() {
  const systemIsDark = usePreferredDark();
  const chosen = ref(localStorage.getItem(STORED) as Theme | null);
  const theme = ref<Theme>('light');
  watchEffect(() => {
    theme.value = chosen.value ?? (systemIsDark.value ? 'dark' : 'light');
    document.documentElement.dataset['theme'] = theme.value;
  });
  function toggle(): void {
    chosen.value = theme.value === 'dark' ? 'light' : 'dark';
    localStorage.setItem(STORED, chosen.value);
  }
  return { theme, toggle };
}

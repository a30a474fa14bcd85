// Icons of the screens outside the player.

import { line } from './drawing'

export const upload = line('M12 16V4.500m-5 5 5-5 5 5M4 16.500V19a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-2.5')
export const key = line('M14.5 14a5.5 5.5 0 1 0-5.2-3.800L3 16.500V21h4.500v-2.500H10V16l1.2-1.200a5.5 5.5 0 0 0 3.3-.800ZM16.5 8.500h.010')
export const edit = line('M4 20h4L19.5 8.500a2.1 2.1 0 0 0 0-3l-1-1a2.1 2.1 0 0 0-3 0L4 16ZM13.5 6.500l4 4')
export const clock = line('M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.5 2')
export const lock = line('M6 10.500h12a1 1 0 0 1 1 1V20a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8.500a1 1 0 0 1 1-1ZM8 10.500V7.500a4 4 0 0 1 8 0v3')
export const eye = line('M2.5 12S6 5 12 5s9.5 7 9.5 7-3.5 7-9.5 7-9.5-7-9.5-7ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z')
export const grid = line('M4 4h6.500v6.500H4Zm9.5 0H20v6.500h-6.500ZM4 13.500h6.500V20H4Zm9.5 0H20V20h-6.500Z')
export const alert = line('M12 3.5 22 20.500H2ZM12 10v4.500m0 3v.010')
export const image = line('M4 4.500h16a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1Zm-1 12 5-5 4.5 4.5 3-3 5.5 5.500M15.5 9.500h.010')
export const leave = line('M10 4.500H5.500a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1H10M15.5 16l4-4-4-4m4 4H9.500')
export const sliders = line('M6 4v9m0 4v3M12 4v2m0 4v10M18 4v11m0 4v1M6 13a2 2 0 1 0 0 4 2 2 0 0 0 0-4Zm6-7a2 2 0 1 0 0 4 2 2 0 0 0 0-4Zm6 9a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z')
export const film = line('M4.500 4h15a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM8 4v16M16 4v16M3.500 9H8m8 0h4.500M3.500 15H8m8 0h4.500')
export const calendar = line('M5 5.500h14a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6.500a1 1 0 0 1 1-1ZM4 10h16M8 3v4m8-4v4')
export const megaphone = line('M4 10v4a1 1 0 0 0 1 1h3l9 4.500V4.500L8 9H5a1 1 0 0 0-1 1Zm4 5v4.500M20 10v4')
export const muted = line('M3 3l18 18M9.500 5.700 11 4.500v6m0 4.500v5L6.500 15H3V9h3.500M15.500 9a4.200 4.200 0 0 1 1 2.800M18.500 6a8.500 8.500 0 0 1 1.600 9.500')
export const block = line('M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.700 5.700l12.600 12.600')

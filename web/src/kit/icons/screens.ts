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

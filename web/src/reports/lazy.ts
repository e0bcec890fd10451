import { defineAsyncComponent } from 'vue'

/** The drawing of lines is loaded with the first report that has some. */
export const TimeChart = defineAsyncComponent(() => import('./TimeChart.vue'))

/** Colours that stand for the same in all drawings. They are told apart by lightness, too. */
export const COLORS = { todo: '--border-strong', in_progress: '--accent', done: '--success', cancelled: '--border', late: '--danger' } as const

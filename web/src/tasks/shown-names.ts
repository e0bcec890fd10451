import type { Names } from './history'
import { findTask } from '@/cache/tasks'
import { nameOf } from '@/people/names'
import { knownProject, projectName } from '@/projects/projects'
import { clock, shortDay } from '@/text/dates'

/** How ids and times are shown: by what was read before. */
export const names: Names = {
  person: nameOf,
  project: (id) => {
    const project = knownProject(id)
    return project && projectName(project)
  },
  task: (id) => findTask(id)?.title,
  time: (time) => `${shortDay(time)}, ${clock(time)}`,
}

/** The WebSocket of this page: one connection, which comes back by itself. */

import { shallowRef } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { Problem } from '@/api/problem'

export type Message = { type: string; ref?: unknown } & Record<string, unknown>

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 15_000
/** A message without a response after this time is lost. */
const RESPONSE_MS = 15_000
/** Keeps the connection open, and finds what was not pushed. The gateway closes it after ten minutes without messages. */
const CHECK_MS = 4 * 60_000

type State = 'off' | 'connecting' | 'open' | 'waiting'
/** The state of the connection. `waiting`: it was lost, and the next attempt comes by itself. */
export const liveState = shallowRef<State>('off')

type Handler = (message: Message) => void
const handlers = new Set<Handler>()
const openHandlers = new Set<() => void>()
const answers = new Map<number, (message: Message) => void>()

let socket: WebSocket | undefined
let delay = FIRST_DELAY_MS
let timer: ReturnType<typeof setTimeout> | undefined
let checks: ReturnType<typeof setInterval> | undefined
let lastRef = 0
let wanted = false

/** Calls the handler for each message that is not a response. */
export function onMessage(handler: Handler): () => void {
  handlers.add(handler)
  return () => handlers.delete(handler)
}

/** Calls the handler on each new connection, and every few minutes while it lasts. */
export function onConnected(handler: () => void): () => void {
  openHandlers.add(handler)
  if (liveState.value === 'open') handler()
  return () => openHandlers.delete(handler)
}

/** Connects, and stays connected until {@link disconnect}. */
export function connect(): void {
  wanted = true
  if (liveState.value === 'off') void attempt()
}

/** Closes the connection. */
export function disconnect(): void {
  wanted = false
  clearTimeout(timer)
  socket?.close()
  socket = undefined
  liveState.value = 'off'
}

/** Tries again at once, for example because the browser is online again. */
export function reconnectNow(): void {
  if (!wanted || liveState.value !== 'waiting') return
  clearTimeout(timer)
  delay = FIRST_DELAY_MS
  void attempt()
}

async function attempt(): Promise<void> {
  liveState.value = 'connecting'
  try {
    const ticket: components['schemas']['Ticket'] = await ask(api.POST('/v1/realtime/tickets'))
    if (!wanted) return
    open(ticket.url)
  } catch (error) {
    // The session has ended: the log-in screen is shown, and connects again.
    if (error instanceof Problem && error.status === 401) return disconnect()
    if (wanted) later()
  }
}

function open(url: string): void {
  const mine = new WebSocket(url)
  socket = mine
  mine.addEventListener('open', () => {
    liveState.value = 'open'
    delay = FIRST_DELAY_MS
    const check = () => openHandlers.forEach((handler) => handler())
    check()
    checks = setInterval(check, CHECK_MS)
  })
  mine.addEventListener('message', (event) => receive(String(event.data)))
  mine.addEventListener('close', () => {
    if (socket !== mine) return
    socket = undefined
    clearInterval(checks)
    answers.clear()
    if (wanted) later()
  })
}

function later(): void {
  liveState.value = 'waiting'
  // Spreads the attempts of all clients after a restart of the server.
  timer = setTimeout(() => void attempt(), delay * (0.5 + Math.random() / 2))
  delay = Math.min(delay * 2, LONGEST_DELAY_MS)
}

function receive(text: string): void {
  const message = JSON.parse(text) as Message
  const answer = typeof message.ref === 'number' ? answers.get(message.ref) : undefined
  if (answer) answer(message)
  else for (const handler of handlers) handler(message)
}

/** Sends a message and returns its response. Rejects with a {@link Problem} for an error, or if there is no response. */
export function request(message: Record<string, unknown>): Promise<Message> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(new Problem(503, 'unavailable', 'The connection was lost.'))
    if (socket?.readyState !== WebSocket.OPEN) return lost()
    const ref = (lastRef += 1)
    const timeout = setTimeout(() => {
      answers.delete(ref)
      lost()
    }, RESPONSE_MS)
    answers.set(ref, (response) => {
      clearTimeout(timeout)
      answers.delete(ref)
      if (response.type === 'error')
        reject(new Problem(Number(response.status), response.code as Problem['code'], String(response.detail)))
      else resolve(response)
    })
    socket.send(JSON.stringify({ ...message, ref }))
  })
}

addEventListener('online', reconnectNow)
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && reconnectNow())

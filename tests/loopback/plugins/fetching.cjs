// An MCP server for Node.js whose tools fetch a URL, each in another way that libraries do it.
'use strict'

const { execFileSync } = require('node:child_process')
const https = require('node:https')
const readline = require('node:readline')

const keptAlive = new https.Agent({ keepAlive: true })

function withHttps(url, agent) {
  return new Promise((resolve, reject) => {
    https.get(url, { agent }, (answer) => {
      let text = ''
      answer.on('data', (piece) => (text += piece)).on('end', () => resolve(text))
    }).on('error', reject)
  })
}

const TOOLS = {
  fetch: async (url) => (await fetch(url)).text(),
  https: (url) => withHttps(url),
  agent: (url) => withHttps(url, keptAlive),
  child: async (url) => {
    const program = `fetch(${JSON.stringify(url)}).then((answer) => answer.text()).then(console.log)`
    return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }).trim()
  },
}

async function answer({ method, params }) {
  if (method === 'initialize') {
    const serverInfo = { name: 'fetching', version: '1' }
    return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo }
  }
  if (method === 'tools/list') {
    return { tools: Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: 'object' } })) }
  }
  const text = await TOOLS[params.name](params.arguments.url).catch((error) => `${error} ${error.cause || ''}`)
  return { content: [{ type: 'text', text }] }
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const request = JSON.parse(line)
  if (request.id === undefined) return
  const known = ['initialize', 'tools/list', 'tools/call'].includes(request.method)
  const outcome = known ? { result: await answer(request) } : { error: { code: -32601, message: 'Method not found' } }
  console.log(JSON.stringify({ jsonrpc: '2.0', id: request.id, ...outcome }))
})

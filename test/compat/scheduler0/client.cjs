'use strict'

// A client of scheduler0 as its users write them, with the packages they use: one project, many jobs in arrays, and a
// counter of how often each was called back. Says what it counts, a line of JSON for each callback.

require('dotenv').config({ quiet: true })
const axios = require('axios')
const express = require('express')

const { API_ENDPOINT, API_KEY, API_SECRET, PORT, ARRAYS, JOBS_PER_ARRAY } = process.env
const perArray = Number(JOBS_PER_ARRAY)

const scheduler = axios.create({
  baseURL: API_ENDPOINT,
  headers: { 'x-api-key': API_KEY, 'x-secret-key': API_SECRET },
  maxContentLength: Number.POSITIVE_INFINITY,
  maxBodyLength: Number.POSITIVE_INFINITY,
})

const calls = new Map()
const app = express()
app.use(express.json({ limit: '3mb' }))
app.post('/callback', (request, response) => {
  response.send(null)
  for (const { id } of request.body) calls.set(id, (calls.get(id) ?? 0) + 1)
  let min = Number.POSITIVE_INFINITY
  let max = 0
  for (const count of calls.values()) {
    min = Math.min(min, count)
    max = Math.max(max, count)
  }
  const chunk = request.headers['x-payload-chunk-id']
  console.log(JSON.stringify({ jobs: calls.size, min, max, chunk, items: request.body.length }))
})

const server = app.listen(Number(PORT), async () => {
  const port = server.address().port
  const project = await scheduler.post('/v1/projects', {
    name: 'counted',
    description: 'jobs that are counted',
  })
  for (let array = 0; array < Number(ARRAYS); array += 1) {
    const jobs = Array.from({ length: perArray }, (_, nth) => ({
      spec: '@every 1m',
      project_id: project.data.data.id,
      execution_type: 'http',
      data: JSON.stringify({ jobId: array * perArray + nth }),
      timezone: 'America/New_York',
      callback_url: `http://localhost:${port}/callback`,
    }))
    await scheduler.post('/v1/jobs', jobs)
  }
  console.log(JSON.stringify({ created: Number(ARRAYS) * perArray }))
})

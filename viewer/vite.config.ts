import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { build } from 'vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const SERVER = process.env.WANGGE_SERVER ?? 'http://127.0.0.1:8080'
const SERVED = ['/api', '/tiles', '/live', '/ogc', '/healthz']
const proxy = Object.fromEntries(SERVED.map((path) => [path, { target: SERVER }]))

/** What goes into maps shared as one file (export/offline.py): name in dist/share, file in node_modules. */
const SHARED: Readonly<Record<string, string>> = {
  'leaflet.js': 'leaflet/dist/leaflet.js',
  'leaflet.css': 'leaflet/dist/leaflet.css',
  'layers.png': 'leaflet/dist/images/layers.png',
  'layers-2x.png': 'leaflet/dist/images/layers-2x.png',
  'marker-icon.png': 'leaflet/dist/images/marker-icon.png',
  'jquery.js': 'jquery/dist/jquery.min.js',
}

/** Puts them beside the bundle, so that no machine needs node_modules to share a map. */
function sharedMaps(): Plugin {
  return {
    name: 'shared-maps',
    apply: 'build',
    generateBundle() {
      for (const [name, path] of Object.entries(SHARED)) {
        const source = readFileSync(join(import.meta.dirname, 'node_modules', path))
        this.emitFile({ type: 'asset', fileName: `share/${name}`, source })
      }
    },
  }
}

/** What starts the application beside its scripts. */
const BESIDE = ['/favicon.svg', '/manifest.webmanifest']

/** The service worker as one script, told every file that it keeps; it changes whenever one of them does. */
async function buildWorker(files: readonly string[]): Promise<string> {
  const page = readFileSync(join(import.meta.dirname, 'index.html'))
  const version = createHash('sha256').update(files.join()).update(page).digest('hex').slice(0, 16)
  const built = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { __SHELL__: JSON.stringify({ version, files }) },
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: { input: join(import.meta.dirname, 'src/worker/serviceWorker.ts'), output: { format: 'iife' } },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (!output || !('output' in output)) throw new Error('the service worker was not built')
  return output.output[0].code
}

/** Puts the service worker at the root, from where it may answer for the whole application. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      const assets = Object.keys(bundle).filter((name) => name.startsWith('assets/')).sort()
      const source = await buildWorker([...BESIDE, ...assets.map((name) => `/${name}`)])
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

export default defineConfig({
  plugins: [vue(), sharedMaps(), serviceWorker()],
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'maplibre', test: /node_modules[\\/]maplibre-gl/ },
            { name: 'vue', test: /node_modules[\\/](@vue|vue|pinia)[\\/]/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
  },
})

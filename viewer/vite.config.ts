import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import type { Plugin } from 'vite'

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

export default defineConfig({
  plugins: [vue(), sharedMaps()],
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

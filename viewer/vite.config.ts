import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const SERVER = process.env.WANGGE_SERVER ?? 'http://127.0.0.1:8080'
const SERVED = ['/api', '/tiles', '/live', '/ogc', '/healthz']
const proxy = Object.fromEntries(SERVED.map((path) => [path, { target: SERVER }]))

export default defineConfig({
  plugins: [vue()],
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

import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app/App.vue'
import './app/theme.css'
import './app/base.css'
import { keepOnDevice } from './app/keepOnDevice'

createApp(App).use(createPinia()).mount('#app')
keepOnDevice()

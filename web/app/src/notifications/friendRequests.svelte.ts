import type { Connection, Page, Person } from '@confab/sdk/api'

import { PRESSROOM_IMAGE } from '../../../components/image.ts'

/**
 * The Containerfile that puts a team's stages onto our image, which runs their TypeScript as it is and gives them
 * `pressroom-ml/components`.
 * @param image what it makes, as the stages name it
 * @param paths the registered modules and folders, from the root
 */
export function containerfile(image: string, paths: readonly string[], banner: string): string {
  const places = paths.map(path => `/opt/own/${path}`)
  // With all that is beside a module, which it may import.
  const copied = [...new Set(paths.map(path => path.split('/', 1).join()))]
  return `# ${banner}
# The stages of this repository on the Pressroom image. From the repository's root:
#   docker build -f Containerfile -t ${image} .
#
# Packages that the stages import beside pressroom-ml go beside them. In a Containerfile of your own (and with
# containerfile: false under generate: in pressroom.yaml), before COPY:
#   FROM docker.io/library/node:24-slim AS packages
#   COPY package.json package-lock.json ./
#   RUN npm ci --omit=dev --ignore-scripts && rm -r node_modules/pressroom-ml
# and after it:
#   COPY --from=packages /node_modules /opt/own/node_modules
ARG PRESSROOM=${PRESSROOM_IMAGE}
FROM \${PRESSROOM}
${copied.map(path => `COPY ${path} /opt/own/${path}`).join('\n')}
# What \`pressroom NAME\` finds in it beside the stages that ship.
ENV PRESSROOM_STAGES=${places.join(',')}
`
}

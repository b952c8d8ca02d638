/** The image of this repository's stages: the one place that names it. */
export const IMAGE = 'registry.example.com/newsroom/stages:1.0.0'

// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
var i=class extends Error{name="PressroomError";code;where;fix;constructor(r,t,n={}){let o=[t,n.where,n.fix].filter(d=>d!==void 0);super(o.join(`
  `),n.cause===void 0?void 0:{cause:n.cause}),this.code=r,this.where=n.where,this.fix=n.fix}};function s(e){if(e instanceof i)return e;let r=e instanceof Error?e.message:String(e);return new i("internal",r,{fix:"this is a fault in Pressroom; run again with --debug and report what it prints",cause:e})}function a(e){return e instanceof Error&&"code"in e&&typeof e.code=="string"?e.code:void 0}export{i as a,s as b,a as c};

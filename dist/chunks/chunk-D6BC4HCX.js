// Generated from actions/ by npm run generate. Do not edit.
import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);
import{a as x,f as G,i as P,j as m}from"./chunk-STJ6BZSM.js";import{a as C}from"./chunk-HTWQYQIN.js";import{c as A}from"./chunk-LHQ66KWW.js";import{b as H}from"./chunk-IFTSNSXD.js";import{a as J,b as q}from"./chunk-6ZCXGILT.js";import{a as s}from"./chunk-6BIEKDJH.js";import{d as M,e as O}from"./chunk-CUZK5UJE.js";var _e=/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/,Re=/^[A-Za-z0-9_-]{1,255}$/,De=/^[\p{L}\p{N}_/. :-]{1,250}$/u;function Y(t){if(!_e.test(t))throw new s("invalid-name",`${JSON.stringify(t)} is not a model name`,{fix:"use 1 to 200 letters, digits, dots, dashes and underscores, a letter or digit first"})}function T(t){if(!Re.test(t))throw new s("invalid-name",`${JSON.stringify(t)} is not an alias`,{fix:"use 1 to 255 letters, digits, dashes and underscores"});if(/^(latest|v\d+)$/i.test(t))throw new s("invalid-name",`the alias ${t} is reserved`,{fix:'"latest" and a "v" with a number already mean versions; use another word, champion for example'})}function g(t){for(let e of t)if(!De.test(e))throw new s("invalid-name",`${JSON.stringify(e)} is not a key of a tag, param or metric`,{fix:"use 1 to 250 letters, digits, spaces and _ - . / :"})}function tt(t){return t.replace(/[^\p{L}\p{N}_/. :-]/gu,"_").slice(0,250)}import{fileURLToPath as Be}from"node:url";import{join as He,resolve as Ge}from"node:path";import{cp as ke,readdir as B,rm as Se}from"node:fs/promises";import{join as I}from"node:path";function _(t,e,r){return I(t,"artifacts",e,r.slice(7))}async function z(t,e,r,n){let o=_(t,e,r);await N(o,r)||(await B(n).catch(i=>{throw q(i,n)}),await H(o,async i=>{await ke(n,i,{recursive:!0});let d=await A(i);if(d!==r)throw new s("model-damaged",`${n} is not the folder that was to be registered`,{where:`its files digest to ${d}, not to ${r}`,fix:"let nothing write there meanwhile, and register it again"})}))}async function X(t,e,r){let n=I(t,"artifacts",e);for(let o of await B(n))!/^[0-9a-f]{64}$/.test(o)||r.has(`sha256:${o}`)||await Se(I(n,o),{recursive:!0,force:!0})}async function N(t,e){return await A(t).catch(()=>{})===e}import{mkdir as Ee}from"node:fs/promises";import{dirname as $e}from"node:path";import{DatabaseSync as Me}from"node:sqlite";var p=[`
  create table models (
    name text primary key,
    -- counts what was given out, so that no number comes twice
    last_version integer not null default 0,
    created_at integer not null
  ) strict, without rowid;

  create table runs (
    number integer primary key,
    id text not null unique,
    experiment text not null,
    name text not null,
    status text not null default 'RUNNING' check (status in ('RUNNING', 'FINISHED', 'FAILED', 'KILLED')),
    started_at integer not null,
    ended_at integer
  ) strict;
  create index runs_by_experiment on runs (experiment);

  create table run_params (
    run_id text not null references runs (id),
    key text not null,
    value text not null,
    primary key (run_id, key)
  ) strict, without rowid;

  create table run_tags (
    run_id text not null references runs (id),
    key text not null,
    value text not null,
    primary key (run_id, key)
  ) strict, without rowid;

  create table run_metrics (
    run_id text not null references runs (id),
    key text not null,
    step integer not null,
    value real not null,
    logged_at integer not null,
    primary key (run_id, key, step)
  ) strict, without rowid;

  create table versions (
    model text not null references models (name),
    version integer not null,
    digest text not null,
    run_id text references runs (id),
    description text not null,
    created_at integer not null,
    primary key (model, version),
    unique (model, digest)
  ) strict, without rowid;

  create table version_tags (
    model text not null,
    version integer not null,
    key text not null,
    value text not null,
    primary key (model, version, key),
    foreign key (model, version) references versions (model, version)
  ) strict, without rowid;

  create table aliases (
    model text not null,
    alias text not null,
    version integer not null,
    primary key (model, alias),
    foreign key (model, version) references versions (model, version)
  ) strict, without rowid;

  create table outbox (
    number integer primary key autoincrement,
    delivery_id text not null unique,
    body text not null,
    status text not null default 'pending' check (status in ('pending', 'delivered', 'dropped')),
    tries integer not null default 0,
    due_at integer not null default 0,
    detail text not null default ''
  ) strict;
  create index outbox_pending on outbox (due_at, number) where status = 'pending';
  `];var Z=1e4;async function ee(t){let e=$e(t);await Ee(e,{recursive:!0}).catch(n=>{throw J(n,e)});let r;try{return r=new Me(t,{timeout:Z}),Ae(r,t),Oe(r,t)}catch(n){throw r?.close(),re(n,t)}}function Oe(t,e){let r=n=>{try{return n()}catch(o){throw re(o,e)}};return{read:n=>r(()=>n(t)),write:n=>r(()=>te(t,()=>n(t))),close:()=>{t.isOpen&&t.close()}}}function te(t,e){t.exec("begin immediate");try{let r=e();return t.exec("commit"),r}catch(r){throw t.isTransaction&&t.exec("rollback"),r}}function Ae(t,e){Q(t,e)!==p.length&&(t.exec("pragma journal_mode = wal"),te(t,()=>{let r=Q(t,e);for(let n of p.slice(r))t.exec(n);t.exec(`pragma application_id = ${1349674355}; pragma user_version = ${p.length}`)}))}function Q(t,e){let{application:r,version:n,tables:o}=t.prepare(`select application_id as application, user_version as version, (select count(*) from sqlite_schema) as tables
       from pragma_application_id, pragma_user_version`).get();if(r===0&&o===0)return 0;if(r!==1349674355)throw L(e,"it is the database of another program","name another folder");if(n>p.length)throw L(e,`its schema is version ${n}, this Pressroom knows up to ${p.length}`,"update Pressroom, or name another folder");return n}function re(t,e){if(!(t instanceof Error&&"errcode"in t))return t;switch(Number(t.errcode)&255){case 5:return new s("folder-locked",`another process holds ${e}`,{where:`it did not let go within ${Z/1e3} s`,fix:"look for a process that hangs, and stop it",cause:t});case 11:case 26:return L(e,t.message,"restore it from a copy, or move it away and register again",t);case 3:case 8:case 10:case 13:case 14:return new s("not-writable",`the registry ${e} cannot be written: ${t.message}`,{fix:"give this user the right to write its folder and free space there, or name another folder",cause:t});default:return t}}function L(t,e,r,n){return new s("registry-damaged",`${t} is not a registry that can be used`,{where:e,fix:r,cause:n})}import{once as Pe}from"node:events";import{join as Te}from"node:path";import{setTimeout as Ie}from"node:timers/promises";var Ne=20,D=new Map;async function k(t,e,r){let n=Te(t,e),o=D.get(n),{promise:i,resolve:d}=Promise.withResolvers(),a=Promise.all([o,i]);D.set(n,a);let c=()=>{d(),D.get(n)===a&&D.delete(n)};try{await je(o,r);let u=await Le(t,e,r);return{async[Symbol.asyncDispose](){await u[Symbol.asyncDispose](),c()}}}catch(u){throw c(),u}}async function Le(t,e,r){for(;;)try{return await C(t,e)}catch(n){if(!(n instanceof s&&n.code==="folder-locked")||r.aborted)throw n;await Ie(Ne,void 0,{signal:r}).catch(()=>{})}}async function je(t,e){if(t===void 0||e.aborted)return;let r=new AbortController,n=Pe(e,"abort",{signal:r.signal}).catch(()=>{});await Promise.race([t,n]),r.abort()}import{randomUUID as Fe}from"node:crypto";var ne=1024*1024;var l=G(/./s,"a string that is not empty"),Ve=(t,e)=>{let r=x(t,e);if(Number.isNaN(Date.parse(r)))throw new Error(`${e} must be a time`);return r},Ke=t=>t,S=se(x),oe=se(P(x)),St={"registered_model.created":m({name:l,tags:oe,description:S}),"model_version.created":m({name:l,version:l,source:S,run_id:S,tags:oe,description:S}),"model_version_tag.set":m({name:l,version:l,key:l,value:x}),"model_version_tag.deleted":m({name:l,version:l,key:l}),"model_version_alias.created":m({name:l,alias:l,version:l}),"model_version_alias.deleted":m({name:l,alias:l})},Et=m({entity:l,action:l,timestamp:Ve,data:P(Ke)});function ie(t,e,r){let[n,o]=t.split("."),i=JSON.stringify({entity:n,action:o,timestamp:new Date(r).toISOString(),data:e});if(Buffer.byteLength(i)<=ne)return i;throw new s("invalid-parameter","the tags and description are too long",{fix:`an event that tells them may have ${ne} bytes; shorten them`})}function se(t){return(e,r)=>e===null?null:t(e,r)}function f(t,e,r,n){t.prepare("insert into outbox (delivery_id, body) values (?, ?)").run(Fe(),ie(e,r,n))}function ae(t,e){return{next:()=>t.read(r=>r.prepare(`select delivery_id as deliveryId, body, tries, due_at as dueAt
               from outbox where status = 'pending' order by due_at, number limit 1`).get()),settle:(r,n,o)=>t.write(i=>{i.prepare("update outbox set status = ?, detail = ? where delivery_id = ?").run(n,o,r)}),postpone:(r,n,o)=>t.write(i=>{i.prepare("update outbox set tries = tries + 1, due_at = ?, detail = ? where delivery_id = ?").run(n,o,r)}),lock:r=>k(e,"outbox",r)}}import{randomUUID as Ue}from"node:crypto";var de=`
  select id, experiment, name, status, started_at as startedAt, ended_at as endedAt,
    (select json_group_object(key, value) from run_params p where p.run_id = r.id) as params,
    (select json_group_object(key, value) from run_tags t where t.run_id = r.id) as tags
  from runs r`,Je="select key, value, max(step) from run_metrics where run_id = ? group by key";function ce(t,e,r){let n=Ue().replaceAll("-","");t.prepare("insert into runs (id, experiment, name, started_at) values (?, ?, ?, ?)").run(n,e.experiment,e.name,r);let o=t.prepare("insert into run_params (run_id, key, value) values (?, ?, ?)");for(let[d,a]of Object.entries(e.params??{}))o.run(n,d,a);let i=t.prepare("insert into run_tags (run_id, key, value) values (?, ?, ?)");for(let[d,a]of Object.entries(e.tags??{}))i.run(n,d,a);return j(t,n,e.metrics??{},0,r),y(t,n)}function j(t,e,r,n,o){let i=t.prepare("insert or replace into run_metrics (run_id, key, step, value, logged_at) values (?, ?, ?, ?, ?)");for(let[d,a]of Object.entries(r))i.run(e,d,n,a,o)}function le(t,e,r){return t.prepare("select step, value, logged_at as loggedAt from run_metrics where run_id = ? and key = ? order by step").all(e,r).map(o=>({...o}))}function ue(t,e,r,n){t.prepare("update runs set status = ?, ended_at = coalesce(ended_at, ?) where id = ?").run(r,n,e)}function y(t,e){let r=t.prepare(`${de} where id = ?`).get(e);if(r===void 0)throw new s("not-registered",`there is no run "${e}"`);return fe(t,r)}function me(t,e){let r=[],n=[],o=(a,...c)=>{r.push(a),n.push(...c)};e.experiment!==void 0&&o("experiment = ?",e.experiment);for(let[a,c]of Object.entries(e.params??{}))o("exists (select 1 from run_params where run_id = r.id and key = ? and value = ?)",a,c);for(let[a,c]of Object.entries(e.tags??{}))o("exists (select 1 from run_tags where run_id = r.id and key = ? and value = ?)",a,c);for(let[a,c]of Object.entries(e.minMetrics??{}))o("(select value from run_metrics where run_id = r.id and key = ? order by step desc limit 1) >= ?",a,c);let i=r.length===0?"":`where ${r.join(" and ")}`;return t.prepare(`${de} ${i} order by number desc limit ?`).all(...n,e.limit??100).map(a=>fe(t,a))}function fe(t,e){let r=t.prepare(Je).all(e.id);return{...e,endedAt:e.endedAt??void 0,params:JSON.parse(e.params),tags:JSON.parse(e.tags),metrics:Object.fromEntries(r.map(({key:n,value:o})=>[n,o]))}}import{pathToFileURL as qe}from"node:url";var ge=`
  select name, last_version as latest, created_at as createdAt,
    (select json_group_object(alias, cast(version as text)) from aliases where model = name) as aliases
  from models`,pe=`
  select model as name, version, digest, run_id as runId, description, created_at as createdAt,
    (select json_group_object(key, value) from version_tags t where t.model = v.model and t.version = v.version) as tags,
    (select json_group_array(alias) from aliases a where a.model = v.model and a.version = v.version) as aliases
  from versions v`;function V(t){return t.prepare(`${ge} order by name`).all().map(we)}function E(t,e){let r=t.prepare(`${ge} where name = ?`).get(e);return r&&we(r)}function $(t,e,r){return t.prepare(`${pe} where model = ? order by version desc`).all(r).map(o=>ve(e,o))}function K(t,e,r,n){let o=t.prepare(`${pe} where model = ? and cast(version as text) = ?`).get(r,n);return o&&ve(e,o)}function F(t,e){let r=E(t,e);if(r!==void 0)return r;let n=V(t).map(o=>o.name);throw new s("not-registered",`no model "${e}" is registered`,{where:n.length===0?"the registry is empty":`it has: ${n.join(", ")}`,fix:"register it first, or name another registry"})}function h(t,e,r,n){let o=K(t,e,r,n);if(o!==void 0)return o;F(t,r);let i=$(t,e,r).map(d=>d.version);throw new s("not-registered",`${r} has no version ${JSON.stringify(n)}`,{where:`it has: ${i.join(", ")}`,fix:"use one of these, or register the version first"})}function ye(t,e,r){return t.prepare("insert into models (name, created_at) values (?, ?) on conflict do nothing").run(e,r).changes===1}function he(t,e,r){let{name:n,digest:o,runId:i,tags:d={},description:a=""}=e,{version:c}=t.prepare("update models set last_version = last_version + 1 where name = ? returning last_version as version").get(n);t.prepare("insert into versions (model, version, digest, run_id, description, created_at) values (?, ?, ?, ?, ?, ?)").run(n,c,o,i??null,a,r);let u=t.prepare("insert into version_tags (model, version, key, value) values (?, ?, ?, ?)");for(let[w,v]of Object.entries(d))u.run(n,c,w,v);return`${c}`}function we({latest:t,aliases:e,...r}){return{...r,aliases:JSON.parse(e),latestVersion:t===0?void 0:`${t}`}}function ve(t,e){return{...e,version:`${e.version}`,source:qe(_(t,e.name,e.digest)).href,runId:e.runId??void 0,tags:JSON.parse(e.tags),aliases:JSON.parse(e.aliases).sort()}}var Ce=12e4;async function xe(t){let e=Ge(t);return new U(e,await ee(He(e,"registry.db")))}var U=class{location;outbox;#e;constructor(e,r){this.location=e,this.#e=r,this.outbox=ae(r,e)}async registerVersion(e){var c=[];try{let{name:r,digest:n,folder:o}=e;Y(r);g(Object.keys(e.tags??{}));if(!/^sha256:[0-9a-f]{64}$/.test(n))throw new s("invalid-parameter",`${JSON.stringify(n)} is not a digest`);let i=M(c,await k(this.location,"registration",AbortSignal.timeout(Ce)),!0);await z(this.location,r,n,o);let d=this.#e.write(b=>Ye(b,this.location,e));let a=await this.searchVersions(r);await X(this.location,r,new Set(a.map(b=>b.digest)));return d}catch(u){var w=u,v=!0}finally{var R=O(c,w,v);R&&await R}}async getModel(e){return this.#e.read(r=>E(r,e))}async searchModels(){return this.#e.read(V)}async getVersion(e,r){return this.#e.read(n=>K(n,this.location,e,r))}async searchVersions(e){return this.#e.read(r=>$(r,this.location,e))}async download(e,r){let{digest:n}=this.#e.read(i=>h(i,this.location,e,r)),o=_(this.location,e,n);if(await N(o,n))return o;throw new s("model-damaged",`the files of ${e} ${r} are not those registered`,{where:o,fix:"register the same model folder again; its files are then stored anew"})}async setAlias(e,r,n){return T(r),this.#e.write(o=>{h(o,this.location,e,n);let i=E(o,e)?.aliases[r];return o.prepare("insert or replace into aliases (model, alias, version) values (?, ?, ?)").run(e,r,Number(n)),f(o,"model_version_alias.created",{name:e,alias:r,version:n},Date.now()),i})}async deleteAlias(e,r){T(r),this.#e.write(n=>{F(n,e),n.prepare("delete from aliases where model = ? and alias = ?").run(e,r),f(n,"model_version_alias.deleted",{name:e,alias:r},Date.now())})}async setVersionTag(e,r,n,o){g([n]),this.#e.write(i=>{h(i,this.location,e,r),i.prepare("insert or replace into version_tags (model, version, key, value) values (?, ?, ?, ?)").run(e,Number(r),n,o),f(i,"model_version_tag.set",{name:e,version:r,key:n,value:o},Date.now())})}async deleteVersionTag(e,r,n){g([n]),this.#e.write(o=>{h(o,this.location,e,r),o.prepare("delete from version_tags where model = ? and version = ? and key = ?").run(e,Number(r),n),f(o,"model_version_tag.deleted",{name:e,version:r,key:n},Date.now())})}async createRun(e){return g([...Object.keys(e.params??{}),...Object.keys(e.tags??{})]),be(e.metrics??{}),this.#e.write(r=>ce(r,e,Date.now()))}async logMetrics(e,r,n=0){if(be(r),!Number.isSafeInteger(n))throw new s("invalid-parameter",`a metric's step is an integer, not ${n}`);this.#e.write(o=>{y(o,e),j(o,e,r,n,Date.now())})}async getMetricHistory(e,r){return this.#e.read(n=>(y(n,e),le(n,e,r)))}async finishRun(e,r){this.#e.write(n=>{y(n,e),ue(n,e,r,Date.now())})}async searchRuns(e={}){return this.#e.read(r=>me(r,e))}async[Symbol.asyncDispose](){this.#e.close()}};function Ye(t,e,r){let{name:n,digest:o}=r,i=$(t,e,n).find(b=>b.digest===o);if(i!==void 0)return{version:i,reused:!0};r.runId!==void 0&&y(t,r.runId);let d=Date.now();ye(t,n,d)&&f(t,"registered_model.created",{name:n,tags:{},description:""},d);let a=h(t,e,n,he(t,r,d)),{version:c,source:u,runId:w=null,tags:v}=a,R=r.description??null;return f(t,"model_version.created",{name:n,version:c,source:u,run_id:w,tags:v,description:R},d),{version:a,reused:!1}}function be(t){g(Object.keys(t));for(let[e,r]of Object.entries(t))if(!Number.isFinite(r))throw new s("invalid-parameter",`metric "${e}" is ${r}, not a finite number`)}function ze(t,e=process.env){return t??(e.PRESSROOM_REGISTRY||".pressroom/registry")}async function Xe(t){return xe(Qe(t))}function Qe(t){if(t==="")throw new s("usage","the registry has no location",{fix:"name a folder"});let[,e]=/^([a-z][a-z0-9+.-]+):/i.exec(t)??[];if(e===void 0)return t;if(e==="file")try{return Be(t)}catch(r){throw new s("usage",`${t} is not a folder on this machine`,{fix:"write file:/// and the whole path, or the path alone",cause:r})}throw new s("usage",`a registry at ${e}: cannot be opened`,{where:"an MLflow server as the registry comes with a later release",fix:"name a folder, .pressroom/registry for example"})}export{Y as a,T as b,tt as c,ze as d,Xe as e};

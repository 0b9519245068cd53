'use strict';
// Turns what an application sees of an SDK into plain data that two runs can be compared by, byte for byte.

const MAX_DEPTH = 12;

/** A value as JSON: classes, key order and absence kept; what differs from run to run by itself is not. */
function describe(value, depth = 0) {
  if (value === undefined) return '[undefined]';
  if (typeof value === 'function') return `[function ${value.name}/${value.length}]`;
  if (typeof value === 'bigint' || typeof value === 'symbol') return `[${typeof value} ${String(value)}]`;
  if (typeof value === 'string') return settle(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return describeError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.constructor.name} ${value.byteLength}]`;
  if (Array.isArray(value)) return value.map((item) => describe(item, depth + 1));
  const className = value.constructor?.name;
  const fields = {};
  if (className !== 'Object') fields['#class'] = className ?? '[none]';
  for (const key of orderOf(value)) fields[key] = describeField(key, value[key], depth + 1);
  return fields;
}

/** Node puts the keys of an iterator's result in one order or another, by whether it had to wait for it. */
function orderOf(value) {
  const keys = Object.keys(value);
  return keys.length === 2 && 'done' in value && 'value' in value ? ['done', 'value'] : keys;
}

/** The stand-in stamps its replies with the time, and ids of requests with their position among all. */
function describeField(key, value, depth) {
  const isTime = (key === 'created' || key === 'created_at') && typeof value === 'number';
  return isTime ? '[time]' : describe(value, depth);
}

const settle = (text) =>
  text
    .replace(/req_[\w-]+/g, 'req_')
    .replace(/"date":"[^"]*"/g, '"date":""')
    .replace(/"created(_at)?":\d+/g, '"created$1":0')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');

/** An error as an application can tell it apart: class, message, status and what else the SDKs put on it. */
function describeError(error, depth = 0) {
  const { name, message, status, statusCode, status_code, code, type, param } = error;
  const httpStatusCode = error.$metadata?.httpStatusCode;
  const known = {
    error: error.constructor.name,
    classes: classNames(error),
    name,
    message: settle(String(message)),
  };
  const details = {
    status,
    statusCode,
    status_code,
    httpStatusCode,
    code,
    type,
    param,
    keys: Object.keys(error),
  };
  const cause = error.cause === undefined ? {} : { cause: describe(error.cause, depth + 1) };
  return { ...known, ...JSON.parse(JSON.stringify(details)), ...cause };
}

/** Names from the object's own class up. */
function classNames(value) {
  const names = [];
  for (let at = Object.getPrototypeOf(value); at !== null && at !== Object.prototype; ) {
    names.push(at.constructor.name);
    at = Object.getPrototypeOf(at);
  }
  return names;
}

const MEMBERS = [
  'then catch finally withResponse asResponse _thenUnwrap parse parseResponse responsePromise',
  'tee controller toReadableStream iterator next return throw',
  'on off once abort done finalMessage finalChatCompletion finalContent finalResponse',
]
  .join(' ')
  .split(' ');

/** What an object is and offers, without touching what it holds. */
function shapeOf(value) {
  const members = {};
  for (const name of MEMBERS) if (name in value) members[name] = typeof value[name];
  return {
    classes: classNames(value),
    tag: Object.prototype.toString.call(value),
    keys: Object.keys(value),
    members,
    isPromise: value instanceof Promise,
    isAsyncIterable: Symbol.asyncIterator in value,
  };
}

/** A raw response before or after its body has been read. */
function describeResponse(response) {
  return {
    class: response.constructor.name,
    isResponse: response instanceof Response,
    status: response.status,
    ok: response.ok,
    bodyUsed: response.bodyUsed,
    url: settle(response.url),
    origin: [response.redirected, response.type],
    contentType: response.headers.get('content-type'),
    hasBody: response.body !== null,
  };
}

/** Runs a step and gives what it returned or threw. */
async function attempt(step) {
  try {
    return { returned: describe(await step()) };
  } catch (error) {
    return { threw: describe(error) };
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Every chunk of a stream in its order, and how it ended. */
async function drain(stream, onChunk = () => undefined) {
  const chunks = [];
  const end = await attempt(async () => {
    for await (const chunk of stream) {
      chunks.push(describe(chunk));
      await onChunk(chunks.length, chunk);
    }
  });
  return { chunks, end };
}

module.exports = { attempt, describe, describeResponse, drain, shapeOf, sleep, settle };

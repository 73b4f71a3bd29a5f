// What is said of an address that requests may not go to: when a job is written, when it rings, of callbacks and of the
// server's own services. One text for every refusal, so that it tells nothing about the network behind.

export const ADDRESS_FORBIDDEN =
  'this address is not allowed here: it is not public, or a list denies it. Who runs the server may allow it by ' +
  'targets-allow (for example CARILLON_TARGETS_ALLOW=10.0.0.0/8), for services of the server itself by ' +
  'services-allow, for one project by its own list, or by --allow-private-targets'

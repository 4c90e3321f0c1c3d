import CSystemd
import Glibc

/// Sockets systemd has opened for this process, by the names its socket units give them (FileDescriptorName=).
///
/// Empty outside socket activation. Of several sockets with one name the first counts, and the others are closed:
/// an open listener nobody accepts from would let clients hang. Source: sd_listen_fds_with_names(3).
public func inheritedSockets() -> [String: Int32] {
  var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  let count = sd_listen_fds_with_names(0, &names)
  defer { freeNames(names) }
  guard count > 0, let names else { return [:] }
  var sockets: [String: Int32] = [:]
  for index in 0..<Int(count) {
    let descriptor = firstDescriptor + Int32(index)
    let name = names[index].map { String(cString: $0) } ?? ""
    if sockets[name] == nil { sockets[name] = descriptor } else { close(descriptor) }
  }
  return sockets
}

/// SD_LISTEN_FDS_START.
private let firstDescriptor: Int32 = 3

private func freeNames(_ names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
  guard let names else { return }
  var index = 0
  while let name = names[index] {
    free(name)
    index += 1
  }
  free(names)
}

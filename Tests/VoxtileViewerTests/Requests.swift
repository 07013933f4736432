import Foundation
import Synchronization
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The answer of a server.
struct Answer {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]

  var error: String? {
    (try? JSONDecoder().decode([String: String].self, from: Data(body)))?["error"]
  }
}

/// Requests a path with `URLSession`.
func ask(
  _ address: String, _ path: String, method: String = "GET", headers: [String: String] = [:]
) async throws -> Answer {
  let url = try #require(URL(string: String(address.dropLast()) + path))
  var request = URLRequest(url: url)
  request.httpMethod = method
  for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
  let (data, response) = try await URLSession(configuration: .ephemeral).data(for: request)
  let found = try #require(response as? HTTPURLResponse)
  let names = found.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
  return Answer(
    status: found.statusCode, headers: Dictionary(names) { first, _ in first }, body: [UInt8](data))
}

/// Sends raw bytes and returns the answer. `URLSession` would normalize the path and add a `Host` header.
func rawAnswer(_ address: String, _ request: String) async throws -> String {
  // A blocking socket must not occupy the few threads of the server.
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(with: Result { try blockingAnswer(address, request) })
    }
  }
}

private func blockingAnswer(_ address: String, _ request: String) throws -> String {
  let port = try #require(URL(string: address)?.port.flatMap(UInt16.init))
  #if canImport(Darwin)
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
  #else
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  #endif
  defer { close(descriptor) }
  var place = sockaddr_in()
  place.sin_family = sa_family_t(AF_INET)
  place.sin_port = port.bigEndian
  place.sin_addr.s_addr = inet_addr("127.0.0.1")
  let connected = withUnsafePointer(to: &place) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  try #require(connected == 0)
  let bytes = Array(request.utf8)
  try #require(send(descriptor, bytes, bytes.count, 0) == bytes.count)
  var answer: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = recv(descriptor, &part, part.count, 0)
    guard count > 0 else { break }
    answer += part[..<count]
  }
  return String(decoding: answer, as: UTF8.self)
}

/// A list of texts that several tasks can append to.
final class Notes: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func add(_ text: String) { texts.withLock { $0.append(text) } }
}

/// A temporary folder that is deleted together with this object.
final class Folder: Sendable {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "voxtile-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

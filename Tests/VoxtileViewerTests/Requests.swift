import Foundation
import Synchronization
import Testing
import VoxtileTestSupport

#if canImport(FoundationNetworking)
  import FoundationNetworking
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

/// The path of an address, without the slash at its end: what the paths of all requests begin with.
func place(_ address: String) -> String {
  let path = URL(string: address)?.path(percentEncoded: true) ?? ""
  return path.hasSuffix("/") ? String(path.dropLast()) : path
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

/// The same, for callers that may wait.
func blockingAnswer(_ address: String, _ request: String) throws -> String {
  let client = try RawClient(.init(port: try #require(URL(string: address)?.port.flatMap(UInt16.init))))
  try client.send(request)
  return client.rest()
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

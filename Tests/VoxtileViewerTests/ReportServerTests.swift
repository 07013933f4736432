import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileReport

@testable import VoxtileViewer

@Suite("ReportServer", .serialized, .timeLimit(.minutes(30)))
struct ReportServerTests {
  @Test("every slice has the values of the file", arguments: ["a.nii", "a.nii.gz"])
  func slices(name: String) async throws {
    let folder = try Folder()
    let volume = try noise(seed: 1)
    try volume.write(to: "\(folder.path)/\(name)")
    let report = try ServedReport(try smallRequest(folder.path, name))
    #expect(report.data.layers[0].extent != testExtent.sizes.all && !report.data.layers[0].isExact)
    try await ReportServer(report).serve { address in
      #expect(address.hasPrefix("http://127.0.0.1:") && address.hasSuffix("/"))
      for (axis, size) in testExtent.sizes.all.enumerated() {
        for index in 0..<size {
          let answer = try await ask(address, "/slice/0/\(axis)/\(index)")
          #expect(answer.status == 200 && answer.headers["content-type"] == "application/octet-stream")
          #expect(floats(answer.body) == expected(volume, axis: axis, at: index))
        }
      }
    }
  }

  @Test("the page lists its full-resolution axes and may connect only to its server")
  func page() async throws {
    let folder = try Folder()
    try noise(seed: 1).write(to: "\(folder.path)/a.nii")
    var report = try ServedReport(try smallRequest(folder.path, "a.nii"))
    report.add(.init(name: "an extra step", seconds: 1))
    let expected = try report.page()
    try await ReportServer(report).serve { address in
      let answer = try await ask(address, "/")
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200 && answer.body == expected)
      #expect(text.contains("an extra step"))
      #expect(text.contains("data-slices=\"[[0, 1, 2]]\""))
      let policy = try #require(answer.headers["content-security-policy"])
      #expect(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"))
      #expect(answer.headers["access-control-allow-origin"] == nil)
      #expect(answer.headers["cache-control"] == "no-store")
      let head = try await ask(address, "/", method: "HEAD")
      #expect(head.status == 200 && head.body.isEmpty)
      #expect(head.headers["content-length"] == "\(expected.count)")
    }
    let file = String(decoding: try ReportPage(report.data).html(), as: UTF8.self)
    #expect(!file.contains("connect-src") && !file.contains("data-slices=\""))
  }

  @Test("while an image is read, a page says how far that is, and shows a slice")
  func preparing() async throws {
    let folder = try Folder()
    let volume = try noise(seed: 1)
    try volume.write(to: "\(folder.path)/a.nii.gz")
    var request = try smallRequest(folder.path, "a.nii.gz")
    let isSeen = Notes()
    let session = try ReportServer(preparing: "a.nii.gz").start()
    defer { session.end() }
    let address = session.address
    // Before anything is read.
    let waiting = try await ask(address, "/")
    #expect(waiting.status == 200 && String(decoding: waiting.body, as: UTF8.self).contains("id=\"waiting\""))
    #expect(
      String(decoding: try await ask(address, "/progress").body, as: UTF8.self).contains("\"fraction\":0"))
    #expect(try await ask(address, "/picture").status == 404)
    #expect(try await ask(address, "/slice/0/2/1").status == 404)
    // While it is read: the second check comes after the file was inflated.
    request.check = {
      guard isSeen.all.isEmpty else { return }
      func answer(_ path: String) throws -> String {
        try blockingAnswer(
          address, "GET \(place(address))\(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
      }
      guard try answer("/picture").hasPrefix("HTTP/1.1 200 ") else { return }
      isSeen.add(try answer("/progress"))
    }
    try await Task.detached { [request] in try session.show(request) }.value
    let progress = try #require(isSeen.all.first)
    for part in ["\"slice\":\(testExtent.depth)", "\"fraction\":1", "\"width\":512"] {
      #expect(progress.contains(part), "\(progress)")
    }
    // Then the report is there, and so are its slices.
    #expect(
      String(decoding: try await ask(address, "/progress").body, as: UTF8.self).contains("\"isReady\":true"))
    #expect(String(decoding: try await ask(address, "/").body, as: UTF8.self).contains("data-slices"))
    #expect(floats(try await ask(address, "/slice/0/2/1").body) == expected(volume, axis: 2, at: 1))
  }

  @Test("a file that is damaged is told to who waits for it")
  func damaged() async throws {
    let folder = try Folder()
    try noise(seed: 1).write(to: "\(folder.path)/a.nii.gz")
    let request = try smallRequest(folder.path, "a.nii.gz")
    let path = "\(folder.path)/a.nii.gz"
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
    let session = try ReportServer(preparing: "a.nii.gz").start()
    defer { session.end() }
    let error = #expect(throws: VoxtileError.self) { try session.show(request) }
    #expect(error?.code == .malformedFile)
    let progress = String(decoding: try await ask(session.address, "/progress").body, as: UTF8.self)
    #expect(progress.contains("\"failure\":\"") && progress.contains("a.nii.gz"), "\(progress)")
  }

  @Test("who waits is told in words that the program was stopped")
  func stopped() async throws {
    let folder = try Folder()
    try noise(seed: 1).write(to: "\(folder.path)/a.nii.gz")
    var request = try smallRequest(folder.path, "a.nii.gz")
    request.check = { throw CancellationError() }
    let session = try ReportServer(preparing: "a.nii.gz").start()
    defer { session.end() }
    #expect(throws: CancellationError.self) { try session.show(request) }
    let progress = String(decoding: try await ask(session.address, "/progress").body, as: UTF8.self)
    #expect(progress.contains("\"failure\":\"The program was stopped"), "\(progress)")
  }

  @Test("every path other than the page and existing slices is not found")
  func notFound() async throws {
    let folder = try Folder()
    try noise(seed: 1).write(to: "\(folder.path)/a.nii")
    let paths = [
      "/a.nii", "/index.html", "/../etc/passwd", "/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd",
      "//etc/passwd",
      "/slice/0/2/../../..", "/slice/0/2/..%2f..%2f..%2f..%2fetc%2fpasswd", "/slice/0/2/a.nii", "/slice/0/2",
      "/slice/0/2/", "/slice/0/2/1/", "/slice/0/2/-1", "/slice/0/2/+1", "/slice/0/2/9", "/slice/0/3/0",
      "/slice/1/2/0", "/slice/0/2/99999999999999999999999", "/slice//2/1", "/slice/0/2/1?x=1",
      "/slice/0/2/%31",
      "/slice/0/2/1%00",
    ]
    try await ReportServer(ServedReport(try smallRequest(folder.path, "a.nii"))).serve { address in
      for path in paths {
        // Sent over a raw socket, because URLSession normalizes paths.
        let answer = try await rawAnswer(
          address, "GET \(place(address))\(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.contains("\"error\""), "\(path): \(answer)")
        #expect(!answer.contains("root:"))
      }
    }
  }

  @Test("requests for another host or without one are refused, and so are other methods")
  func refused() async throws {
    let folder = try Folder()
    try noise(seed: 1).write(to: "\(folder.path)/a.nii")
    try await ReportServer(ServedReport(try smallRequest(folder.path, "a.nii"))).serve { address in
      for host in [
        "Host: evil.example\r\n", "Host: 127.0.0.1.evil.example\r\n", "Host: 127.0.0.1@evil\r\n", "",
      ] {
        for path in ["/", "/slice/0/2/1"] {
          let answer = try await rawAnswer(
            address, "GET \(place(address))\(path) HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
          #expect(answer.hasPrefix("HTTP/1.1 403 ") && answer.contains("\"error\""), "\(host) \(answer)")
        }
      }
      for host in ["localhost", "LOCALHOST:1", "127.0.0.1:65535"] {
        let answer = try await rawAnswer(
          address, "GET \(place(address))/slice/0/2/1 HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(host)")
      }
      for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = try await ask(address, "/", method: method)
        #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD" && answer.error != nil)
      }
    }
  }

  @Test("concurrent requests get correct answers, and the port is closed afterwards")
  func concurrent() async throws {
    let folder = try Folder()
    let volume = try noise(seed: 1)
    try volume.write(to: "\(folder.path)/a.nii.gz")
    let old = Notes()
    try await ReportServer(ServedReport(try smallRequest(folder.path, "a.nii.gz"))).serve { address in
      old.add(address)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask {
            let answer = try await ask(address, "/slice/0/0/\(number % 13)")
            #expect(floats(answer.body) == expected(volume, axis: 0, at: number % 13))
          }
        }
        try await group.waitForAll()
      }
    }
    let address = try #require(old.all.first)
    await #expect(throws: (any Error).self) { try await ask(address, "/") }
  }

  @Test("a port that is already in use is an error that names it")
  func taken() async throws {
    let folder = try Folder()
    try noise(seed: 1).write(to: "\(folder.path)/a.nii")
    let report = try ServedReport(try smallRequest(folder.path, "a.nii"))
    try await ReportServer(report).serve { address in
      let port = try #require(URL(string: address)?.port.flatMap(UInt16.init))
      let error = await #expect(throws: VoxtileError.self) {
        try await ReportServer(report, port: port).serve { _ in Issue.record("two servers on one port") }
      }
      #expect(error?.code == .fileAccess && error?.message.contains("port \(port)") == true)
    }
  }
}

import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileTestSupport

@testable import VoxtileViewer

@Suite("ReportServer", .serialized, .timeLimit(.minutes(2)))
struct ReportServerTests {
  private static let extent = Extent(width: 13, height: 11, depth: 9)

  private func volume(seed: UInt64, extent: Extent = extent, channels: Int = 1) throws -> Volume<Int16> {
    var random = SplitMix64(seed: seed)
    let voxels = (0..<extent.voxelCount * channels).map { _ in Int16.random(in: -3000...3000, using: &random)
    }
    return try Volume(extent: extent, channels: channels, voxels: voxels)
  }

  private func request(_ folder: String, _ name: String) throws -> ReportRequest {
    var request = ReportRequest(
      image: "\(folder)/\(name)",
      grid: try PatchGrid(over: Self.extent, patch: Extent(6), overlap: .voxels(2)))
    request.pictureVoxels = 200
    return request
  }

  /// The values of an answer.
  private func floats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
    }
  }

  /// What a slice should be, voxel by voxel.
  private func expected(_ volume: Volume<Int16>, axis: Int, at index: Int, channel: Int = 0) -> [Float] {
    let sizes = volume.extent.sizes.all
    var values: [Float] = []
    for z in 0..<sizes[2] {
      for y in 0..<sizes[1] {
        for x in 0..<sizes[0] where [x, y, z][axis] == index {
          values.append(
            Float(volume.voxels[((channel * sizes[2] + z) * sizes[1] + y) * sizes[0] + x]))
        }
      }
    }
    return values
  }

  @Test("every slice has the values of the file, compressed or not", arguments: ["a.nii", "a.nii.gz"])
  func slices(name: String) async throws {
    let folder = try Folder()
    let volume = try volume(seed: 1)
    try volume.write(to: "\(folder.path)/\(name)")
    let report = try ServedReport(try request(folder.path, name))
    #expect(report.data.layers[0].extent != Self.extent.sizes.all && !report.data.layers[0].isExact)
    try await ReportServer(report).serve { address in
      #expect(address.hasPrefix("http://127.0.0.1:") && address.hasSuffix("/"))
      for (axis, size) in Self.extent.sizes.all.enumerated() {
        for index in 0..<size {
          let answer = try await ask(address, "/slice/0/\(axis)/\(index)")
          #expect(answer.status == 200 && answer.headers["content-type"] == "application/octet-stream")
          #expect(floats(answer.body) == expected(volume, axis: axis, at: index))
        }
      }
    }
  }

  @Test("the page is that of the report, says what can be asked for, and may ask only here")
  func page() async throws {
    let folder = try Folder()
    try volume(seed: 1).write(to: "\(folder.path)/a.nii")
    var report = try ServedReport(try request(folder.path, "a.nii"))
    report.add(.init(name: "a step of its own", seconds: 1))
    let expected = try report.page()
    try await ReportServer(report).serve { address in
      let answer = try await ask(address, "/")
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200 && answer.body == expected)
      #expect(text.contains("a step of its own"))
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

  @Test("whether a port is free is known before there is a report, and asking takes nothing")
  func checkPort() async throws {
    let folder = try Folder()
    try volume(seed: 1).write(to: "\(folder.path)/a.nii")
    let report = try ServedReport(try request(folder.path, "a.nii"))
    try ReportServer.checkPort(0)
    let taken = Mutex<UInt16>(0)
    try await ReportServer(report).serve { address in
      let port = try #require(URL(string: address)?.port.flatMap(UInt16.init))
      taken.withLock { $0 = port }
      let error = #expect(throws: VoxtileError.self) { try ReportServer.checkPort(port) }
      #expect(error?.code == .fileAccess && error?.message.contains("port \(port) cannot be opened") == true)
    }
    let port = taken.withLock { $0 }
    for _ in 0..<2 { try ReportServer.checkPort(port) }
    try await ReportServer(report, port: port).serve { #expect($0 == "http://127.0.0.1:\(port)/") }
  }

  @Test("whatever is neither the page nor a slice is not found")
  func notFound() async throws {
    let folder = try Folder()
    try volume(seed: 1).write(to: "\(folder.path)/a.nii")
    let paths = [
      "/a.nii", "/index.html", "/../etc/passwd", "/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd",
      "//etc/passwd",
      "/slice/0/2/../../..", "/slice/0/2/..%2f..%2f..%2f..%2fetc%2fpasswd", "/slice/0/2/a.nii", "/slice/0/2",
      "/slice/0/2/", "/slice/0/2/1/", "/slice/0/2/-1", "/slice/0/2/+1", "/slice/0/2/9", "/slice/0/3/0",
      "/slice/1/2/0", "/slice/0/2/99999999999999999999999", "/slice//2/1", "/slice/0/2/1?x=1",
      "/slice/0/2/%31",
      "/slice/0/2/1%00", "http://127.0.0.1/etc/passwd", "*", "etc/passwd",
    ]
    try await ReportServer(ServedReport(try request(folder.path, "a.nii"))).serve { address in
      for path in paths {
        // The path as it is: URLs are made simpler before they are sent.
        let answer = try await rawAnswer(
          address, "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.contains("\"error\""), "\(path): \(answer)")
        #expect(!answer.contains("root:"))
      }
    }
  }

  @Test("a request for another host, or none, is refused, and so are other methods")
  func refused() async throws {
    let folder = try Folder()
    try volume(seed: 1).write(to: "\(folder.path)/a.nii")
    try await ReportServer(ServedReport(try request(folder.path, "a.nii"))).serve { address in
      for host in [
        "Host: evil.example\r\n", "Host: 127.0.0.1.evil.example\r\n", "Host: 127.0.0.1@evil\r\n", "",
      ] {
        for path in ["/", "/slice/0/2/1"] {
          let answer = try await rawAnswer(
            address, "GET \(path) HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
          #expect(answer.hasPrefix("HTTP/1.1 403 ") && answer.contains("\"error\""), "\(host) \(answer)")
        }
      }
      for host in ["localhost", "LOCALHOST:1", "127.0.0.1:65535"] {
        let answer = try await rawAnswer(
          address, "GET /slice/0/2/1 HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(host)")
      }
      for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = try await ask(address, "/", method: method)
        #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD" && answer.error != nil)
      }
    }
  }

  @Test("many requests at once are all answered rightly, and the port is closed afterwards")
  func concurrent() async throws {
    let folder = try Folder()
    let volume = try volume(seed: 1)
    try volume.write(to: "\(folder.path)/a.nii.gz")
    let old = Notes()
    try await ReportServer(ServedReport(try request(folder.path, "a.nii.gz"))).serve { address in
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

  @Test("channels, merged images and differences have slices of their own; exact pictures need none")
  func layers() async throws {
    let folder = try Folder()
    let (image, merged) = (try volume(seed: 1, channels: 2), try volume(seed: 2, channels: 2))
    try image.write(to: "\(folder.path)/a.nii")
    try merged.write(to: "\(folder.path)/m.nii.gz")
    try Volume(
      extent: Self.extent, voxels: (0..<Self.extent.voxelCount).map { UInt8($0 % 3) }
    ).write(to: "\(folder.path)/labels.nii")
    var request = try request(folder.path, "a.nii")
    request.merged = "\(folder.path)/m.nii.gz"
    request.overlays = ["\(folder.path)/labels.nii"]
    let report = try ServedReport(request)
    #expect(report.data.layers.map(\.role) == [.base, .base, .base, .base, .overlay, .overlay])
    let differences = zip(expected(image, axis: 1, at: 4), expected(merged, axis: 1, at: 4)).map {
      abs($0 - $1)
    }
    let others = zip(
      expected(image, axis: 1, at: 4, channel: 1), expected(merged, axis: 1, at: 4, channel: 1)
    ).map { abs($0 - $1) }
    let wanted = [
      expected(image, axis: 1, at: 4), expected(image, axis: 1, at: 4, channel: 1),
      expected(merged, axis: 1, at: 4), expected(merged, axis: 1, at: 4, channel: 1),
      zip(differences, others).map(max), expected(try labels(), axis: 1, at: 4),
    ]
    for (layer, wanted) in wanted.enumerated() {
      let bytes = try #require(try await report.slice(.init(layer: layer, axis: 1, index: 4)))
      #expect(floats(bytes) == wanted, "layer \(layer)")
    }
    request.pictureVoxels = 100_000
    request.merged = nil
    let exact = try ServedReport(request)
    #expect(exact.data.layers.last?.isExact == true)
    #expect(try await exact.slice(.init(layer: exact.data.layers.count - 1, axis: 2, index: 0)) == nil)
  }

  @Test("labels that a 32-bit float does not tell apart have no finer slices")
  func largeLabels() async throws {
    let folder = try Folder()
    for (name, label) in [("small", Int32(7)), ("large", 16_777_217)] {
      var volume = Volume<Int32>(extent: Self.extent, repeating: label)
      volume.voxels[0] = 0
      try volume.write(to: "\(folder.path)/\(name).nii")
      let report = try ServedReport(try request(folder.path, "\(name).nii"))
      #expect(report.data.layers[0].kind == .labels && !report.data.layers[0].isExact)
      let slice = try await report.slice(.init(layer: 0, axis: 2, index: 0))
      #expect((slice == nil) == (name == "large"), "\(name)")
    }
  }

  private func labels() throws -> Volume<Int16> {
    try Volume(extent: Self.extent, voxels: (0..<Self.extent.voxelCount).map { Int16($0 % 3) })
  }

  @Test("a port that is taken is an error that says so")
  func taken() async throws {
    let folder = try Folder()
    try volume(seed: 1).write(to: "\(folder.path)/a.nii")
    let report = try ServedReport(try request(folder.path, "a.nii"))
    try await ReportServer(report).serve { address in
      let port = try #require(URL(string: address)?.port.flatMap(UInt16.init))
      let error = await #expect(throws: VoxtileError.self) {
        try await ReportServer(report, port: port).serve { _ in Issue.record("two servers on one port") }
      }
      #expect(error?.code == .fileAccess && error?.message.contains("port \(port)") == true)
    }
  }

  @Test("slices are kept up to a limit, the last ones longest")
  func shelf() async throws {
    let shelf = SliceShelf()
    let made = Notes()
    func ask(_ index: Int, bytes: Int) async throws {
      let name = ServedReport.SliceName(layer: 0, axis: 0, index: index)
      let slice = try await shelf.slice(name) {
        made.add("\(index)")
        return [(name, [UInt8](repeating: UInt8(index), count: bytes))]
      }
      #expect(slice?.count == bytes && slice?.first == UInt8(index))
    }
    let third = SliceShelf.mostBytes / 3
    for index in [0, 1, 2, 0, 3, 0, 2, 1] { try await ask(index, bytes: third) }
    #expect(made.all == ["0", "1", "2", "3", "1"])
  }
}

import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("voxtile view", .timeLimit(.minutes(30)))
struct ViewCommandTests {
  /// Waits until a run has printed a line.
  private func address(of run: Program.Started) throws -> String {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end && run.isRunning {
      let lines = try run.outputSoFar.split(separator: "\n", omittingEmptySubsequences: false)
      if lines.count > 1 { return String(lines[0]) }
      usleep(10_000)
    }
    throw CocoaError(.fileReadUnknown, userInfo: [NSFilePathErrorKey: "no address was printed"])
  }

  @Test(
    "it prints its address, answers, and ends well when asked to, with its port closed",
    arguments: [SIGINT, SIGTERM])
  func serves(signal: Int32) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "voxtile-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = Program(folder: folder.path)
    try program.makeImage("a.nii.gz", Extent(width: 20, height: 18, depth: 16))
    #expect(try program("crop", "a.nii.gz", "--patch", "8", "-o", "p").status == 0)
    // A browser that leaves a note.
    for name in ["xdg-open", "open"] {
      let script = "#!/bin/sh\n(echo \"$1\"; cat \"$1\") >'\(program.path("opened"))' 2>&1\n"
      try writeFile(Array(script.utf8), to: program.path(name))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path(name))
    }
    let opens = signal == SIGINT
    let run = try program.shell(
      "PATH='\(program.folder)':$PATH exec \"$0\" \"$@\"", ["view", "p"] + (opens ? [] : ["--no-browser"]))
    let text = try address(of: run)
    #expect(text.hasPrefix("http://127.0.0.1:"))
    let url = try #require(URL(string: text))
    // While the image is read, a page that waits for it is served.
    var html = ""
    let last = ContinuousClock.now + .seconds(120)
    while !html.contains("patch_0000_x000_y000_z000.nii.gz"), ContinuousClock.now < last {
      let (data, response) = try await URLSession(configuration: .ephemeral).data(from: url)
      #expect((response as? HTTPURLResponse)?.statusCode == 200)
      html = String(decoding: data, as: UTF8.self)
    }
    #expect(html.contains("patch_0000_x000_y000_z000.nii.gz"))
    run.send(signal)
    let ended = try run.wait()
    #expect(ended.status == 0 && ended.output == text + "\n", "\(ended.messages)")
    await #expect(throws: URLError.self) {
      try await URLSession(configuration: .ephemeral).data(from: url)
    }
    let note = program.path("opened")
    if opens {
      let end = ContinuousClock.now + .seconds(20)
      // The file is there before all of it is.
      func isWhole() -> Bool {
        (try? fileBytes(note)).map { String(decoding: $0, as: UTF8.self).contains(text) } ?? false
      }
      while !isWhole(), ContinuousClock.now < end { usleep(10_000) }
    }
    #expect(FileManager.default.fileExists(atPath: note) == opens)
    #if os(Linux)
      // All users see the arguments of a program: they must not have the token.
      guard opens else { return }
      let noted = String(decoding: try fileBytes(note), as: UTF8.self)
      let page = String(noted.prefix { $0 != "\n" })
      #expect(page.hasSuffix("/view.html") && !page.contains(url.lastPathComponent) && noted.contains(text))
      #expect(!FileManager.default.fileExists(atPath: page))
    #endif
  }

  @Test("clients that never end a line keep neither others nor Ctrl-C waiting")
  func frozen() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "voxtile-test-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = Program(folder: folder.path)
    try program.makeImage("a.nii", Extent(width: 20, height: 18, depth: 16))
    let run = try program.shell("exec \"$0\" \"$@\"", ["view", "a.nii", "--patch", "8", "--no-browser"])
    let url = try #require(URL(string: try address(of: run)))
    let place = RawClient.Place(port: UInt16(try #require(url.port)))
    let clients = try (0..<4).map { _ in try RawClient(place) }
    for client in clients { _ = try? client.send(String(repeating: "A", count: 2 << 20)) }
    let drip = try RawClient(place)
    try drip.send("GET / HT")
    let (_, response) = try await URLSession(configuration: .ephemeral).data(from: url)
    #expect((response as? HTTPURLResponse)?.statusCode == 200)
    let start = ContinuousClock.now
    run.send(SIGINT)
    #expect(try run.wait().status == 0)
    #expect(ContinuousClock.now - start < .seconds(5))
    withExtendedLifetime((clients, drip)) {}
  }

  @Test("a port that is taken is found before voxels are read")
  func takenPort() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(20))
      #expect(try program("crop", "a.nii.gz", "--patch", "8", "-o", "p").status == 0)
      let first = try program.shell("exec \"$0\" \"$@\"", ["view", "p", "--no-browser"])
      let port = try #require(URL(string: try address(of: first))?.port)
      // Reading this one would fail.
      let bytes = try fileBytes(program.path("a.nii.gz"))
      try writeFile(Array(bytes.prefix(bytes.count / 2)), to: program.path("b.nii.gz"))
      let second = try program(
        "view", "b.nii.gz", "--patch", "8", "--no-browser", "--port", "\(port)")
      #expect(
        second.status == 1 && second.messages.contains("port \(port) cannot be opened"), "\(second.messages)")
      first.send(SIGINT)
      #expect(try first.wait().status == 0)
    }
  }

  @Test("what cannot be served is said before anything is listened to")
  func usage() throws {
    try withProgram { program in
      try program.makeImage("a.nii.gz", Extent(12))
      let cases: [([String], Int32, String)] = [
        (["a.nii.gz"], 64, "needs --patch"),
        (["a.nii.gz", "--patch", "8", "--port", "70000"], 64, "--port"),
        (["missing.nii.gz", "--patch", "8"], 1, "missing.nii.gz"),
      ]
      for (arguments, status, message) in cases {
        let run = try program.run(["view"] + arguments)
        #expect(run.status == status && run.messages.contains(message), "\(run.messages)")
        #expect(run.output.isEmpty)
      }
    }
  }
}

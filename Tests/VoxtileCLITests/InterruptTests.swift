import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Interrupt", .serialized)
struct InterruptTests {
  /// More patches than can be written or merged before a signal comes.
  private static let crop = ["crop", "a.nii", "--patch", "4", "--overlap", "3", "--jobs", "1", "-o", "p"]

  /// Those that are not ignored here and thus by every program that is started, as with `nohup swift test`.
  private static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU,
  ].filter { number in
    let previous = signal(number, SIG_IGN)
    signal(number, previous)
    return unsafeBitCast(previous, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Waits until a file or folder that begins with a dot is there.
  private func waitForTemporary(_ program: Program, _ run: Program.Started) throws {
    for _ in 0..<3000 where run.isRunning {
      if try fileNames(in: program.folder).contains(where: { $0.hasPrefix(".") }) { return }
      usleep(2000)
    }
  }

  @Test("Ctrl-C and other signals that end a program leave nothing and exit with 130", arguments: signals)
  func interrupted(signal: Int32) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(24))
      let crop = try program.shell("exec \"$0\" \"$@\"", Self.crop)
      try waitForTemporary(program, crop)
      crop.send(signal)
      let run = try crop.wait()
      #expect(
        run.status == 130 && run.output.isEmpty && run.messages == "interrupted; nothing half-written stays\n"
      )
      #expect(try fileNames(in: program.folder) == ["a.nii"])
    }
  }

  @Test("a reader of the output that goes away does not make a job fail")
  func readerGone() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(8))
      let crop = try program.shell(
        "(sleep 0.2; \"$0\" \"$@\"; echo $? > status) | true",
        ["crop", "a.nii", "--patch", "4", "--overlap", "0", "-o", "p"])
      _ = try crop.wait()
      #expect(try String(contentsOfFile: program.path("status"), encoding: .utf8) == "0\n")
      #expect(try program("verify", "p", "--against", "a.nii").status == 0)
    }
  }

  @Test("an interrupted merge leaves nothing, and no older file is lost")
  func merge() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(16))
      #expect(try program.run(Self.crop).status == 0)
      try writeFile([1, 2, 3], to: program.path("b.nii.gz"))
      let merge = try program.shell(
        "exec \"$0\" \"$@\"",
        ["merge", "p", "-o", "b.nii.gz", "--jobs", "1", "--force", "--blend", "gaussian"])
      try waitForTemporary(program, merge)
      merge.send(SIGTERM)
      let run = try merge.wait()
      #expect(run.status == 130 && run.output.isEmpty)
      #expect(try fileBytes(program.path("b.nii.gz")) == [1, 2, 3])
      #expect(try fileNames(in: program.folder) == ["a.nii", "b.nii.gz", "p"])
    }
  }

  @Test("what was finished before the signal stays, and is not said to be nothing")
  func finished() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(96))
      #expect(try program("crop", "a.nii", "--patch", "96", "-o", "p").status == 0)
      let merge = try program.shell(
        "exec \"$0\" \"$@\"", ["merge", "p", "-o", "m.nii", "--report", "m.html"])
      for _ in 0..<3000 where merge.isRunning {
        if try fileNames(in: program.folder).contains("m.nii") { break }
        usleep(2000)
      }
      merge.send(SIGINT)
      let run = try merge.wait()
      #expect(
        run.status == 130 && run.messages.hasSuffix("interrupted; nothing half-written stays\n"),
        "\(run.messages)")
      #expect(try fileNames(in: program.folder) == ["a.nii", "m.nii", "p"])
      #expect(try program.voxels("m.nii") == program.voxels("a.nii"))
    }
  }

  @Test("a signal that the caller ignores, as nohup does, is ignored")
  func ignored() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(12))
      let crop = try program.shell("trap '' HUP INT; exec \"$0\" \"$@\"", Self.crop)
      try waitForTemporary(program, crop)
      crop.send(SIGHUP)
      crop.send(SIGINT)
      #expect(try crop.wait().status == 0)
      #expect(try fileNames(in: program.path("p")).count == 9 * 9 * 9 + 1)
    }
  }
}

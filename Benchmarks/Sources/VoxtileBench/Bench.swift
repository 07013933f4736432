import Foundation
import Voxtile

/// The Swift side of script/bench: reads JSON requests from standard input, one per line, and answers each with one line.
///
/// The process keeps running between requests. So its start and the preparation of its input are not timed, and its
/// runs can alternate with those of a peer.
@main
struct Bench {
  private var job: (any Job)?
  private var copy: MemoryCopy?
  private var jobs = 1

  static func main() throws {
    var bench = Bench()
    let decoder = JSONDecoder()
    let encoder = JSONEncoder()
    while let line = readLine() {
      var reply: Reply
      do {
        reply = try bench.answer(try decoder.decode(Request.self, from: Data(line.utf8)))
      } catch {
        reply = Reply(error: "\(error)")
      }
      var data = try encoder.encode(reply)
      data.append(UInt8(ascii: "\n"))
      try FileHandle.standardOutput.write(contentsOf: data)
    }
  }

  private mutating func answer(_ request: Request) throws -> Reply {
    if request.order == .prepare {
      guard let task = request.task else { throw RequestError("the request has no task to prepare") }
      job = nil
      copy = nil
      let made = try makeJob(task)
      job = made
      jobs = task.jobs
      return made.sizes
    }
    if request.order == .touch {
      try MemoryCopy.touch(max(1, request.bytes ?? 0))
      return Reply()
    }
    guard let job else { throw RequestError("no task has been prepared") }
    switch request.order {
    case .prepare, .touch, .drop:
      job.drop()
      copy = nil
      return Reply()
    case .run: return Reply(seconds: try seconds { try job.run() })
    case .copy:
      // The size of all patches: what a crop writes, and what a merge reads.
      let copy = try self.copy ?? MemoryCopy(byteCount: job.sizes.patchBytes ?? 0)
      self.copy = copy
      return Reply(seconds: try seconds { try copy.run(threads: jobs) })
    case .floor: return Reply(seconds: try seconds { try job.runFloor(threads: jobs) })
    case .check: return try job.check()
    }
  }

  private func seconds(_ body: () throws -> Void) throws -> Double {
    let duration = try ContinuousClock().measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}

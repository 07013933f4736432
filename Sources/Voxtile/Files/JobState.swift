/// What a long job has finished, kept so that a later run can go on from there.
///
/// A job does its work in steps, such as layers of patches. Bytes are added to streams, each of which has a name; they count when the step
/// they belong to is saved. What was added after the last saved step is gone in the next run.
package protocol JobState: Sendable {
  /// How many steps an earlier run has saved; 0 where nothing is kept.
  var savedSteps: Int { get }

  /// The bytes of a stream that are saved.
  func savedByteCount(of stream: String) -> Int

  /// Adds bytes to a stream.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where they cannot be written.
  func append(_ bytes: UnsafeRawBufferPointer, to stream: String) throws

  /// Reads saved bytes of a stream; fills the whole buffer.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where they cannot be read.
  func read(_ stream: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws

  /// Saves a step: all that was added is on the disk, and a later run begins after it.
  ///
  /// - Parameters:
  ///   - steps: how many steps are done.
  ///   - streams: those that are still needed; others are removed.
  /// - Throws: `VoxtileError.Code.fileAccess` where that fails; the step before stays saved then.
  func save(steps: Int, keeping streams: Set<String>) throws
}

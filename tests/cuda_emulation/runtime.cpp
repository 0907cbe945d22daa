// The entry points of the CUDA runtime, and of its driver.
#include <cuda.h>
#include <cuda_runtime_api.h>

#include <atomic>
#include <cstring>

#include "tests/cuda_emulation/machine.hpp"

namespace emulation = laxity::cuda_emulation;
using emulation::Machine;
using emulation::Work;

namespace {

std::atomic<cudaError_t> last_error{cudaSuccess};

Machine& machine() { return Machine::get(); }

cudaError_t failure(cudaError_t status) { return last_error = status; }

// What a failure on demand looks like.
cudaError_t injected(cudaError_t status = cudaErrorUnknown) {
    return failure(machine().lost() ? cudaErrorIllegalAddress : status);
}

cudaError_t refuse(const std::string& message) {
    machine().violate(message);
    return failure(emulation::kRefused);
}

template <class T>
cudaError_t destroy(T* object, const char* kind, const char* function) {
    const bool fails = machine().enter(function);
    if (!machine().destroy(object, kind, function)) return failure(emulation::kRefused);
    return fails ? injected() : cudaSuccess;
}

}  // namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
    if (machine().enter("cudaGetDeviceCount")) return injected();
    if (!machine().settings().driver) return failure(cudaErrorInsufficientDriver);
    if (machine().settings().devices == 0) return failure(cudaErrorNoDevice);
    *count = machine().settings().devices;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
    if (machine().enter("cudaSetDevice")) return injected();
    return device >= 0 && device < machine().settings().devices ? cudaSuccess : failure(cudaErrorInvalidDevice);
}

CUresult cuDeviceGetName(char* name, int length, CUdevice) {
    if (machine().enter("cuDeviceGetName")) return CUDA_ERROR_UNKNOWN;
    std::strncpy(name, emulation::kDeviceName, static_cast<std::size_t>(length) - 1);
    return CUDA_SUCCESS;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
    if (machine().enter("cudaDeviceGetAttribute")) return injected();
    *value = 1;
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
    if (machine().enter("cudaDriverGetVersion")) return injected();
    constexpr int kMajor = 1000;
    *version = machine().settings().driver ? CUDART_VERSION : CUDART_VERSION - kMajor;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char* bus, int length, int device) {
    if (machine().enter("cudaDeviceGetPCIBusId")) return injected();
    std::strncpy(bus, ("0000:0" + std::to_string(device) + ":00.0").c_str(), static_cast<std::size_t>(length) - 1);
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
    if (machine().enter("cudaRuntimeGetVersion")) return injected();
    *version = CUDART_VERSION;
    return cudaSuccess;
}

const char* cudaGetErrorName(cudaError_t error) {
    switch (error) {
        case cudaSuccess:
            return "cudaSuccess";
        case cudaErrorMemoryAllocation:
            return "cudaErrorMemoryAllocation";
        case cudaErrorInsufficientDriver:
            return "cudaErrorInsufficientDriver";
        case cudaErrorNoDevice:
            return "cudaErrorNoDevice";
        case cudaErrorIllegalAddress:
            return "cudaErrorIllegalAddress";
        case cudaErrorUnknown:
            return "cudaErrorUnknown";
        default:
            return "cudaErrorOfTheEmulation";
    }
}

const char* cudaGetErrorString(cudaError_t error) {
    return error == cudaErrorMemoryAllocation ? "out of memory" : "an error of the emulation";
}

cudaError_t cudaGetLastError() {
    if (machine().enter("cudaGetLastError")) return injected();
    return last_error.exchange(cudaSuccess);
}

cudaError_t cudaMalloc(void** data, std::size_t bytes) {
    if (machine().enter("cudaMalloc", true)) return injected(cudaErrorMemoryAllocation);
    *data = machine().allocate(bytes, false);
    return *data == nullptr ? failure(cudaErrorMemoryAllocation) : cudaSuccess;
}

cudaError_t cudaFree(void* data) {
    const bool fails = machine().enter("cudaFree", true);
    if (!machine().release(data, false, "cudaFree")) return failure(emulation::kRefused);
    return fails ? injected() : cudaSuccess;
}

cudaError_t cudaHostAlloc(void** data, std::size_t bytes, unsigned) {
    if (machine().enter("cudaHostAlloc", true)) return injected(cudaErrorMemoryAllocation);
    *data = machine().allocate(bytes, true);
    return *data == nullptr ? failure(cudaErrorMemoryAllocation) : cudaSuccess;
}

cudaError_t cudaFreeHost(void* data) {
    const bool fails = machine().enter("cudaFreeHost", true);
    if (!machine().release(data, true, "cudaFreeHost")) return failure(emulation::kRefused);
    return fails ? injected() : cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    if (machine().enter("cudaMemGetInfo")) return injected();
    *free = machine().free_bytes();
    *total = machine().settings().memory_bytes;
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    const char* name = "cudaMemcpyAsync";
    if (machine().enter(name)) return injected();
    const bool upload = kind == cudaMemcpyHostToDevice, download = kind == cudaMemcpyDeviceToHost;
    if (!upload && !download && kind != cudaMemcpyDeviceToDevice)
        return refuse("cudaMemcpyAsync: a direction that the emulation does not have");
    Work work{name, {{to, bytes, true, download}}, {}, {}};
    if (upload && !machine().is_pinned(from)) {
        if (machine().is_device(from))
            return refuse("cudaMemcpyAsync: a pointer of the device, not of the host, is read");
        if (!machine().check_stream(stream, name)) return failure(emulation::kRefused);
        if (stream->capture != nullptr) return refuse("cudaMemcpyAsync: memory that is not pinned in a capture");
        // Staged before the call returns.
        const auto* first = static_cast<const char*>(from);
        work.body = [to, staged = std::string(first, first + bytes)] { std::memcpy(to, staged.data(), staged.size()); };
    } else {
        work.accesses.push_back({from, bytes, false, upload});
        work.body = [to, from, bytes] { std::memmove(to, from, bytes); };
    }
    return machine().submit(stream, std::move(work)) ? cudaSuccess : failure(emulation::kRefused);
}

cudaError_t cudaMemsetAsync(void* data, int value, std::size_t bytes, cudaStream_t stream) {
    if (machine().enter("cudaMemsetAsync")) return injected();
    Work work{"cudaMemsetAsync", {{data, bytes, true}}, [=] { std::memset(data, value, bytes); }, {}};
    return machine().submit(stream, std::move(work)) ? cudaSuccess : failure(emulation::kRefused);
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
    if (machine().enter("cudaDeviceGetStreamPriorityRange")) return injected();
    *least = 0;
    *greatest = -5;
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned, int priority) {
    if (machine().enter("cudaStreamCreateWithPriority", true)) return injected();
    if (priority < -5 || priority > 0) return refuse("cudaStreamCreateWithPriority: no such priority");
    *stream = machine().create<CUstream_st>("stream");
    machine().add_stream(*stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) { return destroy(stream, "stream", "cudaStreamDestroy"); }

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    const bool fails = machine().enter("cudaStreamSynchronize", true);
    if (!machine().check_stream(stream, "cudaStreamSynchronize")) return failure(emulation::kRefused);
    if (machine().capturing(stream, "cudaStreamSynchronize")) return failure(cudaErrorStreamCaptureUnsupported);
    if (fails) return injected();
    machine().synchronise(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
    const bool fails = machine().enter("cudaStreamQuery", true);
    if (!machine().check_stream(stream, "cudaStreamQuery")) return failure(emulation::kRefused);
    if (fails) return injected();
    return machine().idle(stream) ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
    if (machine().enter("cudaStreamWaitEvent")) return injected();
    if (!machine().check_stream(stream, "cudaStreamWaitEvent") ||
        !machine().alive(event, "event", "cudaStreamWaitEvent"))
        return failure(emulation::kRefused);
    machine().wait_event(stream, event);
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
    if (machine().enter("cudaEventCreateWithFlags")) return injected();
    *event = machine().create<CUevent_st>("event");
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) { return destroy(event, "event", "cudaEventDestroy"); }

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    if (machine().enter("cudaEventRecord")) return injected();
    if (!machine().check_stream(stream, "cudaEventRecord") || !machine().alive(event, "event", "cudaEventRecord"))
        return failure(emulation::kRefused);
    if (machine().capturing(stream, "cudaEventRecord")) return failure(cudaErrorStreamCaptureUnsupported);
    machine().record(event, stream);
    return cudaSuccess;
}

cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
    const char* name = "cudaEventRecordWithFlags";
    if (machine().enter(name)) return injected();
    if (!machine().check_stream(stream, name) || !machine().alive(event, "event", name))
        return failure(emulation::kRefused);
    if (flags != cudaEventRecordExternal || stream->capture == nullptr)
        return refuse("cudaEventRecordWithFlags: the emulation has it for graphs only");
    Work work{name, {}, {}, {}, event};
    return machine().submit(stream, std::move(work)) ? cudaSuccess : failure(emulation::kRefused);
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
    const bool fails = machine().enter("cudaEventQuery", true);
    if (!machine().alive(event, "event", "cudaEventQuery")) return failure(emulation::kRefused);
    if (fails) return injected();
    return machine().reached(event) ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    const bool fails = machine().enter("cudaEventSynchronize", true);
    if (!machine().alive(event, "event", "cudaEventSynchronize")) return failure(emulation::kRefused);
    if (fails) return injected();
    machine().synchronise(event);
    return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
    const bool fails = machine().enter("cudaEventElapsedTime");
    for (cudaEvent_t event : {start, end}) {
        if (!machine().alive(event, "event", "cudaEventElapsedTime")) return failure(emulation::kRefused);
        if (event->recorded == 0) return refuse("cudaEventElapsedTime: an event that was never recorded");
        if (!machine().reached(event)) return refuse("cudaEventElapsedTime: an event that was not waited for");
    }
    if (fails) return injected();
    *milliseconds = emulation::kFakeMilliseconds;
    return cudaSuccess;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
    if (machine().enter("cudaLaunchHostFunc")) return injected();
    Work work{"cudaLaunchHostFunc", {}, [function, data] { function(data); }, {}};
    return machine().submit(stream, std::move(work)) ? cudaSuccess : failure(emulation::kRefused);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
    if (machine().enter("cudaStreamBeginCapture")) return injected();
    if (!machine().check_stream(stream, "cudaStreamBeginCapture")) return failure(emulation::kRefused);
    if (mode != cudaStreamCaptureModeThreadLocal)
        return refuse("cudaStreamBeginCapture: a capture that is not of this thread alone would disturb other threads");
    if (machine().capturing(stream, "cudaStreamBeginCapture")) return failure(emulation::kRefused);
    machine().begin_capture(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
    const bool fails = machine().enter("cudaStreamEndCapture");
    if (!machine().check_stream(stream, "cudaStreamEndCapture")) return failure(emulation::kRefused);
    if (stream->capture == nullptr) {
        if (fails || machine().lost()) return injected();
        return refuse("cudaStreamEndCapture: the stream is not captured");
    }
    std::vector<Work> work = machine().end_capture(stream);
    if (fails) return injected();
    *graph = machine().create<CUgraph_st>("graph");
    (*graph)->work = std::move(work);
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
    if (machine().enter("cudaGraphInstantiate")) return injected();
    if (!machine().alive(graph, "graph", "cudaGraphInstantiate")) return failure(emulation::kRefused);
    *executable = machine().create<CUgraphExec_st>("executable graph");
    (*executable)->work = graph->work;
    return cudaSuccess;
}

cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t stream) {
    if (machine().enter("cudaGraphUpload")) return injected();
    return machine().alive(executable, "executable graph", "cudaGraphUpload") &&
                   machine().check_stream(stream, "cudaGraphUpload")
               ? cudaSuccess
               : failure(emulation::kRefused);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
    if (machine().enter("cudaGraphLaunch")) return injected();
    if (!machine().alive(executable, "executable graph", "cudaGraphLaunch")) return failure(emulation::kRefused);
    if (!machine().check_stream(stream, "cudaGraphLaunch")) return failure(emulation::kRefused);
    for (const Work& work : executable->work) {
        if (work.event != nullptr) {
            if (!machine().alive(work.event, "event", "cudaGraphLaunch")) return failure(emulation::kRefused);
            machine().record(work.event, stream);
        } else if (!machine().submit(stream, work)) {
            return failure(emulation::kRefused);
        }
    }
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return destroy(graph, "graph", "cudaGraphDestroy"); }

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
    return destroy(executable, "executable graph", "cudaGraphExecDestroy");
}

}  // extern "C"

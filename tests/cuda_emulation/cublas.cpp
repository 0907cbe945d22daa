// cuBLAS's entry points.
#include <cublas_v2.h>
#include <cuda_fp16.h>

#include <algorithm>

#include "tests/cuda_emulation/machine.hpp"

namespace emulation = laxity::cuda_emulation;
using emulation::Machine;

struct cublasContext {
    cudaStream_t stream = nullptr;
    void* workspace = nullptr;
    std::size_t workspace_bytes = 0;
};

namespace {

Machine& machine() { return Machine::get(); }

struct Matrix {
    const void* data = nullptr;
    cudaDataType_t type = CUDA_R_32F;
    int rows = 0, columns = 0, stride = 0;  // as it lies, column by column

    std::size_t element() const { return type == CUDA_R_16F ? 2 : 4; }
    std::size_t bytes() const {
        return (static_cast<std::size_t>(columns - 1) * static_cast<std::size_t>(stride) +
                static_cast<std::size_t>(rows)) *
               element();
    }
    Matrix moved(long long elements) const {
        Matrix other = *this;
        other.data = static_cast<const char*>(data) + elements * static_cast<long long>(element());
        return other;
    }
    float get(int row, int column) const {
        const std::ptrdiff_t i = std::ptrdiff_t{column} * stride + row;
        return type == CUDA_R_16F ? __half2float(static_cast<const __half*>(data)[i])
                                  : static_cast<const float*>(data)[i];
    }
    void set(int row, int column, float value) const {
        const std::ptrdiff_t i = std::ptrdiff_t{column} * stride + row;
        void* to = const_cast<void*>(data);
        if (type == CUDA_R_16F) {
            static_cast<__half*>(to)[i] = __float2half_rn(value);
        } else {
            static_cast<float*>(to)[i] = value;
        }
    }
};

}  // namespace

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
    if (machine().enter("cublasCreate_v2", true)) return CUBLAS_STATUS_NOT_INITIALIZED;
    *handle = machine().create<cublasContext>("cuBLAS handle");
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    const bool fails = machine().enter("cublasDestroy_v2");
    if (!machine().destroy(handle, "cuBLAS handle", "cublasDestroy_v2")) return CUBLAS_STATUS_INVALID_VALUE;
    return fails ? CUBLAS_STATUS_INTERNAL_ERROR : CUBLAS_STATUS_SUCCESS;
}

const char* cublasGetStatusString(cublasStatus_t) { return "an error of the emulated cuBLAS"; }

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    if (machine().enter("cublasSetStream_v2")) return CUBLAS_STATUS_EXECUTION_FAILED;
    if (!machine().alive(handle, "cuBLAS handle", "cublasSetStream_v2") ||
        !machine().check_stream(stream, "cublasSetStream_v2"))
        return CUBLAS_STATUS_INVALID_VALUE;
    handle->stream = stream;
    handle->workspace = nullptr;  // the real one forgets it here too
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, std::size_t bytes) {
    if (machine().enter("cublasSetWorkspace_v2")) return CUBLAS_STATUS_EXECUTION_FAILED;
    if (!machine().alive(handle, "cuBLAS handle", "cublasSetWorkspace_v2")) return CUBLAS_STATUS_INVALID_VALUE;
    if (!machine().is_device(workspace)) {
        machine().violate("cublasSetWorkspace_v2: a workspace that is not of the device");
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    handle->workspace = workspace;
    handle->workspace_bytes = bytes;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transpose_a,
                                          cublasOperation_t transpose_b, int m, int n, int k, const void* alpha,
                                          const void* a_data, cudaDataType_t a_type, int a_stride, long long a_step,
                                          const void* b_data, cudaDataType_t b_type, int b_stride, long long b_step,
                                          const void* beta, void* c_data, cudaDataType_t c_type, int c_stride,
                                          long long c_step, int batch, cublasComputeType_t compute, cublasGemmAlgo_t) {
    const char* name = "cublasGemmStridedBatchedEx";
    if (machine().enter(name)) return CUBLAS_STATUS_EXECUTION_FAILED;
    if (!machine().alive(handle, "cuBLAS handle", name) || !machine().check_stream(handle->stream, name))
        return CUBLAS_STATUS_INVALID_VALUE;
    const bool ta = transpose_a != CUBLAS_OP_N, tb = transpose_b != CUBLAS_OP_N;
    const Matrix a{a_data, a_type, ta ? k : m, ta ? m : k, a_stride},
        b{b_data, b_type, tb ? n : k, tb ? k : n, b_stride}, c{c_data, c_type, m, n, c_stride};
    const auto refuse = [&](const char* what) {
        machine().violate(std::string(name) + ": " + what);
        return CUBLAS_STATUS_INVALID_VALUE;
    };
    if (a.stride < a.rows || b.stride < b.rows || c.stride < c.rows) return refuse("a stride below the rows");
    if (a.type != b.type || (a.type == CUDA_R_32F && c.type != CUDA_R_32F)) return refuse("types that don't fit");
    if (compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_FAST_TF32) return refuse("not in 32-bit floats");
    if (handle->stream->capture != nullptr && handle->workspace == nullptr)
        return refuse("without a workspace of the caller's it would allocate one in a capture");
    const float factor = *static_cast<const float*>(alpha), old = *static_cast<const float*>(beta);
    if (batch < 1 || a_step < 0 || b_step < 0 || (batch > 1 && c_step < std::int64_t{m} * n))
        return refuse("a batch that overlaps, or none");
    const auto all = [batch](const Matrix& matrix, long long step) {
        return matrix.bytes() + static_cast<std::size_t>(batch - 1) * static_cast<std::size_t>(step) * matrix.element();
    };
    std::vector<emulation::Access> accesses = {
        {a.data, all(a, a_step), false}, {b.data, all(b, b_step), false}, {c.data, all(c, c_step), true}};
    if (old != 0) accesses.push_back({c.data, all(c, c_step), false});
    // The first bytes stand for all: enough to see that two streams share it.
    constexpr std::size_t kUsed = 256;
    if (handle->workspace != nullptr)
        accesses.push_back({handle->workspace, std::min(kUsed, handle->workspace_bytes), true});
    const auto one = [=](const Matrix& x, const Matrix& y, const Matrix& z) {
        for (int row = 0; row < m; ++row) {
            for (int column = 0; column < n; ++column) {
                float sum = 0;
                for (int i = 0; i < k; ++i)
                    sum += (ta ? x.get(i, row) : x.get(row, i)) * (tb ? y.get(column, i) : y.get(i, column));
                z.set(row, column, factor * sum + (old != 0 ? old * z.get(row, column) : 0));
            }
        }
    };
    const auto body = [=] {
        for (int i = 0; i < batch; ++i) one(a.moved(i * a_step), b.moved(i * b_step), c.moved(i * c_step));
    };
    return machine().submit(handle->stream, {name, accesses, body, {}}) ? CUBLAS_STATUS_SUCCESS
                                                                        : CUBLAS_STATUS_INVALID_VALUE;
}

}  // extern "C"

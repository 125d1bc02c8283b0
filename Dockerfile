# The wheel is built in one stage and installed in the other: the image holds no source tree.
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /dist

FROM python:3.11-slim
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE PYTHONUNBUFFERED=1 KG_DATA=/data
COPY --from=build /dist/ /wheels/
RUN pip install --no-cache-dir "$(ls /wheels/kompetansegraf-*.whl)[postgres,transformers]" && rm -r /wheels \
 && useradd --create-home --uid 10001 kompetansegraf && mkdir /data && chown kompetansegraf /data
USER kompetansegraf
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["kompetansegraf"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
